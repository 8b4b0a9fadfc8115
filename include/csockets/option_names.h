// The numbers of socket options that not every system has, or that this system's headers are too old to name.
//
// A number of CS_NO_OPTION is one that every call refuses with ENOPROTOOPT. Options that are in POSIX, or that every
// system has under the same name, go by that.
#ifndef CSOCKETS_OPTION_NAMES_H
#define CSOCKETS_OPTION_NAMES_H

#include "base.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#ifdef __linux__
#include <netinet/udp.h>
#endif

#define CS_NO_OPTION (-1)

// SOL_SOCKET, socket(7).

#ifdef SO_ATTACH_FILTER
static const int CS_SO_ATTACH_FILTER = SO_ATTACH_FILTER;
#else
static const int CS_SO_ATTACH_FILTER = CS_NO_OPTION;
#endif
#ifdef SO_ATTACH_REUSEPORT_CBPF
static const int CS_SO_ATTACH_REUSEPORT_CBPF = SO_ATTACH_REUSEPORT_CBPF;
#else
static const int CS_SO_ATTACH_REUSEPORT_CBPF = CS_NO_OPTION;
#endif
#ifdef SO_BINDTODEVICE
static const int CS_SO_BINDTODEVICE = SO_BINDTODEVICE;
#else
static const int CS_SO_BINDTODEVICE = CS_NO_OPTION;
#endif
#ifdef SO_BINDTOIFINDEX
static const int CS_SO_BINDTOIFINDEX = SO_BINDTOIFINDEX;
#else
static const int CS_SO_BINDTOIFINDEX = CS_NO_OPTION;
#endif
#ifdef SO_BUSY_POLL
static const int CS_SO_BUSY_POLL = SO_BUSY_POLL;
#else
static const int CS_SO_BUSY_POLL = CS_NO_OPTION;
#endif
#ifdef SO_COOKIE
static const int CS_SO_COOKIE = SO_COOKIE;
#else
static const int CS_SO_COOKIE = CS_NO_OPTION;
#endif
#ifdef SO_DETACH_FILTER
static const int CS_SO_DETACH_FILTER = SO_DETACH_FILTER;
#else
static const int CS_SO_DETACH_FILTER = CS_NO_OPTION;
#endif
#ifdef SO_DOMAIN
static const int CS_SO_DOMAIN = SO_DOMAIN;
#else
static const int CS_SO_DOMAIN = CS_NO_OPTION;
#endif
#ifdef SO_INCOMING_CPU
static const int CS_SO_INCOMING_CPU = SO_INCOMING_CPU;
#else
static const int CS_SO_INCOMING_CPU = CS_NO_OPTION;
#endif
#ifdef SO_INCOMING_NAPI_ID
static const int CS_SO_INCOMING_NAPI_ID = SO_INCOMING_NAPI_ID;
#else
static const int CS_SO_INCOMING_NAPI_ID = CS_NO_OPTION;
#endif
#ifdef SO_LOCK_FILTER
static const int CS_SO_LOCK_FILTER = SO_LOCK_FILTER;
#else
static const int CS_SO_LOCK_FILTER = CS_NO_OPTION;
#endif
#ifdef SO_MARK
static const int CS_SO_MARK = SO_MARK;
#else
static const int CS_SO_MARK = CS_NO_OPTION;
#endif
#ifdef SO_MAX_PACING_RATE
static const int CS_SO_MAX_PACING_RATE = SO_MAX_PACING_RATE;
#else
static const int CS_SO_MAX_PACING_RATE = CS_NO_OPTION;
#endif
#ifdef SO_MEMINFO
static const int CS_SO_MEMINFO = SO_MEMINFO;
#else
static const int CS_SO_MEMINFO = CS_NO_OPTION;
#endif
#ifdef SO_PASSCRED
static const int CS_SO_PASSCRED = SO_PASSCRED;
#else
static const int CS_SO_PASSCRED = CS_NO_OPTION;
#endif
#ifdef SO_PEERCRED
static const int CS_SO_PEERCRED = SO_PEERCRED;
#else
static const int CS_SO_PEERCRED = CS_NO_OPTION;
#endif
#ifdef SO_PEERGROUPS
static const int CS_SO_PEERGROUPS = SO_PEERGROUPS;
#else
static const int CS_SO_PEERGROUPS = CS_NO_OPTION;
#endif
#if defined(SO_PEERPIDFD)
static const int CS_SO_PEERPIDFD = SO_PEERPIDFD;
#elif defined(__linux__)
static const int CS_SO_PEERPIDFD = 77;  // Linux 6.5.
#else
static const int CS_SO_PEERPIDFD = CS_NO_OPTION;
#endif
#ifdef SO_PEERSEC
static const int CS_SO_PEERSEC = SO_PEERSEC;
#else
static const int CS_SO_PEERSEC = CS_NO_OPTION;
#endif
#ifdef SO_PRIORITY
static const int CS_SO_PRIORITY = SO_PRIORITY;
#else
static const int CS_SO_PRIORITY = CS_NO_OPTION;
#endif
#ifdef SO_PROTOCOL
static const int CS_SO_PROTOCOL = SO_PROTOCOL;
#else
static const int CS_SO_PROTOCOL = CS_NO_OPTION;
#endif
#ifdef SO_RCVBUFFORCE
static const int CS_SO_RCVBUFFORCE = SO_RCVBUFFORCE;
#else
static const int CS_SO_RCVBUFFORCE = CS_NO_OPTION;
#endif
#ifdef SO_RXQ_OVFL
static const int CS_SO_RXQ_OVFL = SO_RXQ_OVFL;
#else
static const int CS_SO_RXQ_OVFL = CS_NO_OPTION;
#endif
#ifdef SO_SNDBUFFORCE
static const int CS_SO_SNDBUFFORCE = SO_SNDBUFFORCE;
#else
static const int CS_SO_SNDBUFFORCE = CS_NO_OPTION;
#endif
#ifdef SO_TIMESTAMP
static const int CS_SO_TIMESTAMP = SO_TIMESTAMP;
#else
static const int CS_SO_TIMESTAMP = CS_NO_OPTION;
#endif
#ifdef SO_TIMESTAMPING
static const int CS_SO_TIMESTAMPING = SO_TIMESTAMPING;
#else
static const int CS_SO_TIMESTAMPING = CS_NO_OPTION;
#endif
#ifdef SO_TIMESTAMPNS
static const int CS_SO_TIMESTAMPNS = SO_TIMESTAMPNS;
#else
static const int CS_SO_TIMESTAMPNS = CS_NO_OPTION;
#endif
#ifdef SO_TXTIME
static const int CS_SO_TXTIME = SO_TXTIME;
#else
static const int CS_SO_TXTIME = CS_NO_OPTION;
#endif
#ifdef SO_ZEROCOPY
static const int CS_SO_ZEROCOPY = SO_ZEROCOPY;
#else
static const int CS_SO_ZEROCOPY = CS_NO_OPTION;
#endif

// IPPROTO_IP, ip(7).

#ifdef IP_BIND_ADDRESS_NO_PORT
static const int CS_IP_BIND_ADDRESS_NO_PORT = IP_BIND_ADDRESS_NO_PORT;
#else
static const int CS_IP_BIND_ADDRESS_NO_PORT = CS_NO_OPTION;
#endif
#ifdef IP_FREEBIND
static const int CS_IP_FREEBIND = IP_FREEBIND;
#else
static const int CS_IP_FREEBIND = CS_NO_OPTION;
#endif
#if defined(IP_LOCAL_PORT_RANGE)
static const int CS_IP_LOCAL_PORT_RANGE = IP_LOCAL_PORT_RANGE;
#elif defined(__linux__)
static const int CS_IP_LOCAL_PORT_RANGE = 51;  // Linux 6.3.
#else
static const int CS_IP_LOCAL_PORT_RANGE = CS_NO_OPTION;
#endif
#ifdef IP_MTU
static const int CS_IP_MTU = IP_MTU;
#else
static const int CS_IP_MTU = CS_NO_OPTION;
#endif
#ifdef IP_MTU_DISCOVER
static const int CS_IP_MTU_DISCOVER = IP_MTU_DISCOVER;
#else
static const int CS_IP_MTU_DISCOVER = CS_NO_OPTION;
#endif
#ifdef IP_MULTICAST_ALL
static const int CS_IP_MULTICAST_ALL = IP_MULTICAST_ALL;
#else
static const int CS_IP_MULTICAST_ALL = CS_NO_OPTION;
#endif
#ifdef IP_PKTINFO
static const int CS_IP_PKTINFO = IP_PKTINFO;
#else
static const int CS_IP_PKTINFO = CS_NO_OPTION;
#endif
#ifdef IP_ORIGDSTADDR
static const int CS_IP_ORIGDSTADDR = IP_ORIGDSTADDR;
#else
static const int CS_IP_ORIGDSTADDR = CS_NO_OPTION;
#endif
#ifdef IP_RECVERR
static const int CS_IP_RECVERR = IP_RECVERR;
#else
static const int CS_IP_RECVERR = CS_NO_OPTION;
#endif
#ifdef IP_RECVORIGDSTADDR
static const int CS_IP_RECVORIGDSTADDR = IP_RECVORIGDSTADDR;
#else
static const int CS_IP_RECVORIGDSTADDR = CS_NO_OPTION;
#endif
#ifdef IP_RECVTOS
static const int CS_IP_RECVTOS = IP_RECVTOS;
#else
static const int CS_IP_RECVTOS = CS_NO_OPTION;
#endif
#ifdef IP_RECVTTL
static const int CS_IP_RECVTTL = IP_RECVTTL;
#else
static const int CS_IP_RECVTTL = CS_NO_OPTION;
#endif
#ifdef IP_TRANSPARENT
static const int CS_IP_TRANSPARENT = IP_TRANSPARENT;
#else
static const int CS_IP_TRANSPARENT = CS_NO_OPTION;
#endif
#if defined(SO_ORIGINAL_DST)
static const int CS_SO_ORIGINAL_DST = SO_ORIGINAL_DST;
#elif defined(__linux__)
static const int CS_SO_ORIGINAL_DST = 80;  // Its header clashes with netinet/in.h.
#else
static const int CS_SO_ORIGINAL_DST = CS_NO_OPTION;
#endif

// IPPROTO_IPV6, ipv6(7).

#ifdef IPV6_AUTOFLOWLABEL
static const int CS_IPV6_AUTOFLOWLABEL = IPV6_AUTOFLOWLABEL;
#else
static const int CS_IPV6_AUTOFLOWLABEL = CS_NO_OPTION;
#endif
#ifdef IPV6_DONTFRAG
static const int CS_IPV6_DONTFRAG = IPV6_DONTFRAG;
#else
static const int CS_IPV6_DONTFRAG = CS_NO_OPTION;
#endif
#if defined(IPV6_FLOWINFO_SEND)
static const int CS_IPV6_FLOWINFO_SEND = IPV6_FLOWINFO_SEND;
#elif defined(__linux__)
static const int CS_IPV6_FLOWINFO_SEND = 33;  // Its header clashes with netinet/in.h.
#else
static const int CS_IPV6_FLOWINFO_SEND = CS_NO_OPTION;
#endif
#ifdef IPV6_FREEBIND
static const int CS_IPV6_FREEBIND = IPV6_FREEBIND;
#else
static const int CS_IPV6_FREEBIND = CS_NO_OPTION;
#endif
#ifdef IPV6_HDRINCL
static const int CS_IPV6_HDRINCL = IPV6_HDRINCL;
#else
static const int CS_IPV6_HDRINCL = CS_NO_OPTION;
#endif
#ifdef IPV6_HOPLIMIT
static const int CS_IPV6_HOPLIMIT = IPV6_HOPLIMIT;
#else
static const int CS_IPV6_HOPLIMIT = CS_NO_OPTION;
#endif
#ifdef IPV6_MTU
static const int CS_IPV6_MTU = IPV6_MTU;
#else
static const int CS_IPV6_MTU = CS_NO_OPTION;
#endif
#ifdef IPV6_MTU_DISCOVER
static const int CS_IPV6_MTU_DISCOVER = IPV6_MTU_DISCOVER;
#else
static const int CS_IPV6_MTU_DISCOVER = CS_NO_OPTION;
#endif
#ifdef IPV6_MULTICAST_ALL
static const int CS_IPV6_MULTICAST_ALL = IPV6_MULTICAST_ALL;
#else
static const int CS_IPV6_MULTICAST_ALL = CS_NO_OPTION;
#endif
#ifdef IPV6_PKTINFO
static const int CS_IPV6_PKTINFO = IPV6_PKTINFO;
#else
static const int CS_IPV6_PKTINFO = CS_NO_OPTION;
#endif
#ifdef IPV6_RECVERR
static const int CS_IPV6_RECVERR = IPV6_RECVERR;
#else
static const int CS_IPV6_RECVERR = CS_NO_OPTION;
#endif
#ifdef IPV6_RECVHOPLIMIT
static const int CS_IPV6_RECVHOPLIMIT = IPV6_RECVHOPLIMIT;
#else
static const int CS_IPV6_RECVHOPLIMIT = CS_NO_OPTION;
#endif
#ifdef IPV6_RECVPKTINFO
static const int CS_IPV6_RECVPKTINFO = IPV6_RECVPKTINFO;
#else
static const int CS_IPV6_RECVPKTINFO = CS_NO_OPTION;
#endif
#ifdef IPV6_RECVTCLASS
static const int CS_IPV6_RECVTCLASS = IPV6_RECVTCLASS;
#else
static const int CS_IPV6_RECVTCLASS = CS_NO_OPTION;
#endif
#ifdef IPV6_TCLASS
static const int CS_IPV6_TCLASS = IPV6_TCLASS;
#else
static const int CS_IPV6_TCLASS = CS_NO_OPTION;
#endif
#ifdef IPV6_TRANSPARENT
static const int CS_IPV6_TRANSPARENT = IPV6_TRANSPARENT;
#else
static const int CS_IPV6_TRANSPARENT = CS_NO_OPTION;
#endif

// Either level of IP. See RFC 3678.

#ifdef MCAST_JOIN_SOURCE_GROUP
static const int CS_MCAST_JOIN_SOURCE_GROUP = MCAST_JOIN_SOURCE_GROUP;
static const int CS_MCAST_LEAVE_SOURCE_GROUP = MCAST_LEAVE_SOURCE_GROUP;
#else
static const int CS_MCAST_JOIN_SOURCE_GROUP = CS_NO_OPTION;
static const int CS_MCAST_LEAVE_SOURCE_GROUP = CS_NO_OPTION;
#endif

// IPPROTO_TCP, tcp(7).

#ifdef TCP_CONGESTION
static const int CS_TCP_CONGESTION = TCP_CONGESTION;
#else
static const int CS_TCP_CONGESTION = CS_NO_OPTION;
#endif
#ifdef TCP_CORK
static const int CS_TCP_CORK = TCP_CORK;
#else
static const int CS_TCP_CORK = CS_NO_OPTION;
#endif
#ifdef TCP_DEFER_ACCEPT
static const int CS_TCP_DEFER_ACCEPT = TCP_DEFER_ACCEPT;
#else
static const int CS_TCP_DEFER_ACCEPT = CS_NO_OPTION;
#endif
#ifdef TCP_FASTOPEN
static const int CS_TCP_FASTOPEN = TCP_FASTOPEN;
#else
static const int CS_TCP_FASTOPEN = CS_NO_OPTION;
#endif
#ifdef TCP_FASTOPEN_CONNECT
static const int CS_TCP_FASTOPEN_CONNECT = TCP_FASTOPEN_CONNECT;
#else
static const int CS_TCP_FASTOPEN_CONNECT = CS_NO_OPTION;
#endif
#ifdef TCP_INFO
static const int CS_TCP_INFO = TCP_INFO;
#else
static const int CS_TCP_INFO = CS_NO_OPTION;
#endif
#ifdef TCP_KEEPCNT
static const int CS_TCP_KEEPCNT = TCP_KEEPCNT;
#else
static const int CS_TCP_KEEPCNT = CS_NO_OPTION;
#endif
#ifdef TCP_KEEPIDLE
static const int CS_TCP_KEEPIDLE = TCP_KEEPIDLE;
#else
static const int CS_TCP_KEEPIDLE = CS_NO_OPTION;
#endif
#ifdef TCP_KEEPINTVL
static const int CS_TCP_KEEPINTVL = TCP_KEEPINTVL;
#else
static const int CS_TCP_KEEPINTVL = CS_NO_OPTION;
#endif
#ifdef TCP_LINGER2
static const int CS_TCP_LINGER2 = TCP_LINGER2;
#else
static const int CS_TCP_LINGER2 = CS_NO_OPTION;
#endif
#ifdef TCP_NOTSENT_LOWAT
static const int CS_TCP_NOTSENT_LOWAT = TCP_NOTSENT_LOWAT;
#else
static const int CS_TCP_NOTSENT_LOWAT = CS_NO_OPTION;
#endif
#ifdef TCP_QUICKACK
static const int CS_TCP_QUICKACK = TCP_QUICKACK;
#else
static const int CS_TCP_QUICKACK = CS_NO_OPTION;
#endif
#ifdef TCP_SYNCNT
static const int CS_TCP_SYNCNT = TCP_SYNCNT;
#else
static const int CS_TCP_SYNCNT = CS_NO_OPTION;
#endif
#ifdef TCP_THIN_LINEAR_TIMEOUTS
static const int CS_TCP_THIN_LINEAR_TIMEOUTS = TCP_THIN_LINEAR_TIMEOUTS;
#else
static const int CS_TCP_THIN_LINEAR_TIMEOUTS = CS_NO_OPTION;
#endif
#ifdef TCP_ULP
static const int CS_TCP_ULP = TCP_ULP;
#else
static const int CS_TCP_ULP = CS_NO_OPTION;
#endif
#ifdef TCP_USER_TIMEOUT
static const int CS_TCP_USER_TIMEOUT = TCP_USER_TIMEOUT;
#else
static const int CS_TCP_USER_TIMEOUT = CS_NO_OPTION;
#endif
#ifdef TCP_WINDOW_CLAMP
static const int CS_TCP_WINDOW_CLAMP = TCP_WINDOW_CLAMP;
#else
static const int CS_TCP_WINDOW_CLAMP = CS_NO_OPTION;
#endif

// IPPROTO_UDP, udp(7).

#ifdef UDP_CORK
static const int CS_UDP_CORK = UDP_CORK;
#else
static const int CS_UDP_CORK = CS_NO_OPTION;
#endif
#ifdef UDP_GRO
static const int CS_UDP_GRO = UDP_GRO;
#else
static const int CS_UDP_GRO = CS_NO_OPTION;
#endif
#ifdef UDP_SEGMENT
static const int CS_UDP_SEGMENT = UDP_SEGMENT;
#else
static const int CS_UDP_SEGMENT = CS_NO_OPTION;
#endif

#endif
