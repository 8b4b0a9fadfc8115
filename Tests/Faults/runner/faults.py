"""Which system calls fail, how, and what has to become of it: one line each. The errors are those that the manual
pages of the call, of socket(7), tcp(7), udp(7), unix(7) and epoll(7) allow."""

from dataclasses import dataclass

# Where in a program's life. From the start: the counting of calls begins when the program does. While serving: it
# begins when the program listens, or prompts.
START, SERVING = "from the start", "while serving"

# What has to become of it, in the order of what is lost.
RECOVERS = "recovers"  # Every client is served. The server may say what happened.
LOSES = "loses"  # What met the failure may be lost, and that is said; every other is served.
ENDS = "ends"  # The program ends, with status 1 and one line that says why.
OUTCOMES = [RECOVERS, LOSES, ENDS]

# Which of a thread's calls fail, as strace has it.
TIMES = {"1": "first", "5": "fifth", "3+3": "every third"}


@dataclass(frozen=True)
class Fault:
    call: str
    errors: str
    place: str
    # The worst that may come of it.
    worst: str
    # The modes or sessions; none for all.
    variants: str = ""


# An EAGAIN that is injected is a lie: the socket is ready, so that who waits for an edge waits in vain, and who waits in
# the call itself has never heard of it. True ones come with full and empty buffers, in every run.
SERVER = [
    # To begin is all or nothing.
    Fault("socketpair", "EMFILE ENFILE", START, ENDS),
    Fault("socket", "EMFILE ENFILE ENOBUFS ENOMEM EACCES", START, ENDS),
    Fault("bind", "EADDRINUSE EACCES ENOMEM ENOBUFS", START, ENDS),
    Fault("listen", "EADDRINUSE", START, ENDS),
    Fault("getsockname", "ENOBUFS", START, ENDS),
    Fault("epoll_create1", "EMFILE ENFILE ENOMEM", START, ENDS),
    Fault("epoll_ctl", "ENOMEM ENOSPC", START, ENDS),
    Fault("setsockopt", "ENOMEM ENOBUFS", START, ENDS),
    Fault("getsockopt", "ENOBUFS ENOMEM", START, ENDS),
    Fault("clone3", "EAGAIN ENOMEM", START, ENDS, "async handler"),
    # Whom nobody can take on waits, or was gone already.
    Fault("accept4", "EINTR ECONNABORTED EPROTO", SERVING, RECOVERS),
    Fault("accept4", "EAGAIN", SERVING, RECOVERS, "threads poll"),
    Fault("accept4", "EMFILE ENFILE ENOBUFS ENOMEM", SERVING, RECOVERS),
    Fault("accept4", "ENETDOWN ENOPROTOOPT EHOSTDOWN EHOSTUNREACH ENETUNREACH", SERVING, RECOVERS),
    Fault("accept4", "EPERM ENONET ETIMEDOUT", SERVING, RECOVERS),
    # What is no listener has it too: event loops take it for that.
    Fault("accept4", "EOPNOTSUPP", SERVING, ENDS),
    # One client's trouble is not another's.
    Fault("recvfrom", "EINTR", SERVING, RECOVERS),
    Fault("recvfrom", "EAGAIN", SERVING, RECOVERS, "poll"),
    Fault("recvfrom", "ENOMEM ENOBUFS ECONNRESET ETIMEDOUT EHOSTUNREACH", SERVING, LOSES),
    Fault("sendto", "EINTR", SERVING, RECOVERS),
    Fault("sendto", "EAGAIN", SERVING, RECOVERS, "poll"),
    Fault("sendto", "ENOMEM ENOBUFS ECONNRESET EPIPE ETIMEDOUT EHOSTUNREACH", SERVING, LOSES),
    Fault("recvmmsg", "EINTR", SERVING, RECOVERS),
    Fault("recvmmsg", "EAGAIN", SERVING, RECOVERS, "poll threads"),
    Fault("recvmmsg", "ENOMEM ENOBUFS ECONNREFUSED", SERVING, LOSES),
    Fault("sendmmsg", "EINTR", SERVING, RECOVERS),
    Fault("sendmmsg", "EAGAIN", SERVING, RECOVERS, "poll threads"),
    Fault("sendmmsg", "ENOMEM ENOBUFS ECONNREFUSED EPERM", SERVING, LOSES),
    Fault("epoll_wait", "EINTR", SERVING, RECOVERS),
    Fault("ppoll", "EINTR", SERVING, RECOVERS),
    Fault("ppoll", "ENOMEM", SERVING, LOSES),
    Fault("epoll_ctl", "ENOMEM ENOSPC", SERVING, LOSES),
    Fault("setsockopt", "ENOMEM ENOBUFS", SERVING, LOSES),
    Fault("getsockopt", "ENOBUFS ENOMEM", SERVING, LOSES),
    Fault("clone3", "EAGAIN ENOMEM", SERVING, LOSES),
    Fault("close", "EINTR EIO", SERVING, RECOVERS),
    Fault("write", "EINTR EAGAIN EIO ENOSPC EPIPE", SERVING, RECOVERS),
]

CLIENT = [
    Fault("socket", "EMFILE ENFILE ENOBUFS ENOMEM EACCES", START, ENDS),
    Fault("connect", "EINTR", START, RECOVERS),
    Fault("connect", "ECONNREFUSED ETIMEDOUT ENETUNREACH EHOSTUNREACH EADDRNOTAVAIL EAGAIN EPERM", START, ENDS),
    Fault("getsockopt", "ENOBUFS ENOMEM", START, ENDS),
    Fault("setsockopt", "ENOBUFS ENOMEM", START, ENDS),
    Fault("getsockname", "ENOBUFS", START, ENDS),
    Fault("sendto", "EINTR", START, RECOVERS),
    Fault("sendto", "EAGAIN", START, RECOVERS, "tcp unix"),
    Fault("sendto", "ENOMEM ENOBUFS ECONNRESET EPIPE ETIMEDOUT EHOSTUNREACH", START, ENDS),
    Fault("recvfrom", "EINTR", START, RECOVERS),
    Fault("recvfrom", "ENOMEM ENOBUFS ECONNRESET ETIMEDOUT EHOSTUNREACH", START, ENDS),
    Fault("ppoll", "EINTR", START, RECOVERS),
    Fault("ppoll", "ENOMEM", START, ENDS),
    Fault("shutdown", "ENOTCONN", START, ENDS),
    Fault("epoll_create1", "EMFILE ENFILE ENOMEM", START, ENDS),
    Fault("epoll_ctl", "ENOMEM ENOSPC", START, ENDS),
    Fault("epoll_wait", "EINTR", START, RECOVERS),
    Fault("clone3", "EAGAIN ENOMEM", START, ENDS),
    Fault("write", "EINTR EAGAIN", START, RECOVERS),
    Fault("write", "EIO ENOSPC EPIPE", START, ENDS),
]

# The pairs that no manual page allows are made by --all: a program may end then, but not silently, and not hang.
CALLS = [
    "socket", "bind", "listen", "accept4", "connect", "sendto", "sendmsg", "sendmmsg", "recvfrom", "recvmsg",
    "recvmmsg", "shutdown", "close", "epoll_create1", "epoll_ctl", "epoll_wait", "ppoll", "eventfd2", "getsockopt",
    "setsockopt",
]  # fmt: skip
ERRORS = [
    "EINTR", "EAGAIN", "ENOMEM", "ENOBUFS", "EMFILE", "ENFILE", "ECONNABORTED", "ECONNRESET", "EPIPE", "ETIMEDOUT",
    "EIO",
]  # fmt: skip

# Calls that take long instead of failing, which has to be harmless.
DELAYS = ["accept4", "sendto", "recvfrom", "sendmmsg", "recvmmsg", "epoll_wait", "epoll_ctl", "ppoll", "close", "connect"]


def pairs(faults, program, everything):
    """What fails in a program, as a table of faults by call, error and place; with those that no manual page allows."""
    found = {(fault.call, error, fault.place): fault for fault in faults for error in fault.errors.split()}
    isClient = program == "echo-client"
    if everything:
        for place in [START] if isClient else [START, SERVING]:
            for call in CALLS:
                for error in ERRORS:
                    # See above for EAGAIN. From the start, the first close is the dynamic loader's.
                    if error == "EAGAIN" or (call, place) == ("close", START):
                        continue
                    found.setdefault((call, error, place), Fault(call, error, place, ENDS))
    for call in DELAYS:
        place = START if isClient else SERVING
        found[call, "delay", place] = Fault(call, "delay", place, RECOVERS)
    return found
