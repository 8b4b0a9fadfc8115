"""Endpoints as the programs write them, and Python's sockets for them."""

import errno
import socket

# Every wait ends; a test that waits that long has failed.
PATIENCE = 20
GREETING = b"Welcome to my server\n"


def parse(endpoint):
    """The family, the type and the address of an endpoint."""
    scheme, name = endpoint.split("://", 1)
    if scheme in ("unix", "unixgram"):
        kind = socket.SOCK_STREAM if scheme == "unix" else socket.SOCK_DGRAM
        return socket.AF_UNIX, kind, "\0" + name[1:] if name.startswith("@") else name
    kind = socket.SOCK_STREAM if scheme == "tcp" else socket.SOCK_DGRAM
    host, port = name.rsplit(":", 1)
    family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
    return family, kind, (host.strip("[]"), int(port))


def new(family, kind):
    """A socket whose every call ends."""
    made = socket.socket(family, kind)
    made.settimeout(PATIENCE)
    return made


def connect(endpoint):
    """A connected socket; one for datagrams has a name that answers can come to."""
    family, kind, address = parse(endpoint)
    made = new(family, kind)
    if family == socket.AF_UNIX and kind == socket.SOCK_DGRAM:
        made.bind("")
    made.connect(address)
    return made


def describe(made):
    """The endpoint that a bound socket has."""
    address = made.getsockname()
    stream = made.type == socket.SOCK_STREAM
    if made.family == socket.AF_UNIX:
        # An abstract name is bytes, and begins with a zero.
        name = "@" + address[1:].decode() if isinstance(address, bytes) else address
        return ("unix://" if stream else "unixgram://") + name
    host = "[" + address[0] + "]" if made.family == socket.AF_INET6 else address[0]
    return "%s://%s:%d" % ("tcp" if stream else "udp", host, address[1])


def receive_exactly(made, count):
    """So many bytes; fewer only where the stream ends before."""
    parts = []
    while count > 0:
        part = made.recv(min(count, 1 << 20))
        if not part:
            break
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def receive_rest(made):
    """Everything up to the end of the stream."""
    parts = []
    while part := made.recv(1 << 20):
        parts.append(part)
    return b"".join(parts)


def name_of(error):
    """ECONNREFUSED for the error of a call that was refused, and the like."""
    return errno.errorcode.get(error.errno, str(error)) if error.errno else str(error)
