"""Well-behaved clients. Each says how it fared: a client that waits in vain has found a hang."""

import random
import socket
import tempfile
import threading

SERVED, CUT_OFF, LOST, HANGS = "served", "cut off", "lost", "hangs"
GREETING = b"Welcome to my server\n"


def address(endpoint):
    kind, _, place = endpoint.partition("://")
    if kind in ("unix", "unixgram"):
        return socket.AF_UNIX, "\0" + place[1:] if place.startswith("@") else place
    host, _, port = place.rpartition(":")
    return socket.AF_INET, (host, int(port))


def connected(endpoint, patience=20):
    family, place = address(endpoint)
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.settimeout(patience)
        connection.connect(place)
    except BaseException:
        connection.close()
        raise
    return connection


def exactly(connection, count):
    received = bytearray()
    while len(received) < count:
        some = connection.recv(min(count - len(received), 1 << 20))
        if not some:
            raise ConnectionError("the stream ends early")
        received += some
    return bytes(received)


def stream(endpoint, lines=6, patience=20, toEnd=True):
    """Is greeted, sends lines one after the other, half-closes, and receives to the end."""
    try:
        with connected(endpoint, patience) as connection:
            if exactly(connection, len(GREETING)) != GREETING:
                return "another greeting"
            for number in range(lines):
                line = b"line %d\n" % number
                connection.sendall(line)
                if exactly(connection, len(line)) != line:
                    return "other bytes come back"
            connection.shutdown(socket.SHUT_WR)
            return SERVED if not toEnd or connection.recv(1) == b"" else "more comes back"
    except TimeoutError:
        return HANGS
    except OSError:
        return CUT_OFF


def datagram(endpoint, patience=0.5):
    """Sends one and receives it. It may get lost, as datagrams may."""
    family, place = address(endpoint)
    with tempfile.TemporaryDirectory(prefix="echo-") as directory, socket.socket(family, socket.SOCK_DGRAM) as client:
        if family == socket.AF_UNIX:
            client.bind(directory + "/client")
        try:
            client.settimeout(patience)
            client.connect(place)
            client.send(b"datagram\n")
            return SERVED if client.recv(100) == b"datagram\n" else "another comes back"
        except OSError:
            return LOST


def both_ways(endpoint, count, patience=60, buffers=4096):
    """Sends and receives much at once, and compares. With tiny buffers the server's sends and receives are cut short."""
    sent = random.Random(1).randbytes(count)
    family, place = address(endpoint)
    with socket.socket(family, socket.SOCK_STREAM) as connection:
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF) if buffers else ():
            connection.setsockopt(socket.SOL_SOCKET, option, buffers)
        connection.settimeout(patience)
        connection.connect(place)

        def send():
            # What goes wrong here shows in what comes back.
            try:
                connection.sendall(sent)
                connection.shutdown(socket.SHUT_WR)
            except OSError:
                pass

        sender = threading.Thread(target=send)
        sender.start()
        try:
            received = exactly(connection, len(GREETING) + count)
            return SERVED if received == GREETING + sent and connection.recv(1) == b"" else "other bytes come back"
        except TimeoutError:
            return HANGS
        except OSError:
            return CUT_OFF
        finally:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            sender.join()
