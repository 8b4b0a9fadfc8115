// What the kernel knows of a TCP connection.
#ifndef CSOCKETS_TCP_INFO_H
#define CSOCKETS_TCP_INFO_H

#include "base.h"
#include "option_names.h"

#include <netinet/in.h>
#include <sys/socket.h>

CS_BEGIN

// What Linux calls a struct tcp_info, as far as Linux 5.4 fills it in: libc's own header ends earlier. The kernel
// writes as much of it as it has, and never more than there is room for, so what an older one lacks is 0. See tcp(7).
struct cs_tcp_info {
  uint8_t state;
  uint8_t congestion_state;
  uint8_t retransmits;
  uint8_t probes;
  uint8_t backoff;
  uint8_t options;
  uint8_t window_scales;
  uint8_t flags;
  uint32_t retransmission_timeout;  // Microseconds, as all times here that do not say otherwise.
  uint32_t acknowledgement_timeout;
  uint32_t send_segment_size;
  uint32_t receive_segment_size;
  uint32_t unacknowledged;
  uint32_t selectively_acknowledged;
  uint32_t lost;
  uint32_t retransmitted;
  uint32_t forward_acknowledged;
  uint32_t since_data_sent;  // Milliseconds, as the next three.
  uint32_t since_acknowledgement_sent;
  uint32_t since_data_received;
  uint32_t since_acknowledgement_received;
  uint32_t path_mtu;
  uint32_t receive_slow_start_threshold;
  uint32_t round_trip_time;
  uint32_t round_trip_variance;
  uint32_t slow_start_threshold;
  uint32_t congestion_window;
  uint32_t advertised_segment_size;
  uint32_t reordering;
  uint32_t receive_round_trip_time;
  uint32_t receive_space;
  uint32_t total_retransmitted;
  uint64_t pacing_rate;
  uint64_t maximum_pacing_rate;
  uint64_t bytes_acknowledged;
  uint64_t bytes_received;
  uint32_t segments_sent;
  uint32_t segments_received;
  uint32_t bytes_not_sent;
  uint32_t minimum_round_trip_time;
  uint32_t data_segments_received;
  uint32_t data_segments_sent;
  uint64_t delivery_rate;
  uint64_t busy_time;
  uint64_t receive_window_limited;
  uint64_t send_buffer_limited;
  uint32_t delivered;
  uint32_t delivered_marked;
  uint64_t bytes_sent;
  uint64_t bytes_retransmitted;
  uint32_t duplicates;
  uint32_t reorderings_seen;
  uint32_t out_of_order;
  uint32_t send_window;
};

// What was asked for; `result` is 0, or -errno.
struct cs_tcp_info_option {
  int result;
  struct cs_tcp_info info;
};

// Reads TCP_INFO. Wraps getsockopt(2); returns it, or -errno in `result`: -ENOPROTOOPT on a system whose structure is
// another one.
CS_INLINE struct cs_tcp_info_option cs_get_tcp_info(int fd) {
  struct cs_tcp_info_option option;
  memset(&option, 0, sizeof option);
#ifdef __linux__
  socklen_t length = sizeof option.info;
  int done = getsockopt(fd, IPPROTO_TCP, CS_TCP_INFO, &option.info, &length);
  option.result = CS_RESULT(done);
#else
  (void)fd;
  option.result = -ENOPROTOOPT;
#endif
  return option;
}

CS_END
#endif
