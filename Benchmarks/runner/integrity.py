"""What a server has to get right before it is measured: a fast one that loses data would win every comparison."""

import random
import socket
import threading
import time

from processes import Failed

_MEBIBYTE = 1 << 20


def check(server):
    """Raises Failed with what the server does wrong."""
    checks = _datagram_checks if server.endpoint.startswith("udp:") else _stream_checks
    for title, run, patience in checks:
        try:
            run(server.address, _Deadline(patience))
        except TimeoutError:
            raise Failed(f"{title}: not done after {patience} s") from None
        except (OSError, _Wrong) as error:
            raise Failed(f"{title}: {error}") from None


class _Wrong(Exception):
    pass


class _Deadline:
    def __init__(self, seconds):
        self._end = time.monotonic() + seconds

    def bound(self, connection):
        """Lets the next call on a socket last until the deadline at most."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        connection.settimeout(left)


def _echo_both_ways_at_once(address, deadline):
    sent = random.Random(1).randbytes(8 * _MEBIBYTE)
    with socket.create_connection(address, timeout=5) as connection:

        def send():
            # What goes wrong here shows in what comes back.
            try:
                deadline.bound(connection)
                connection.sendall(sent)
                connection.shutdown(socket.SHUT_WR)
            except OSError:
                pass

        sender = threading.Thread(target=send)
        sender.start()
        try:
            _expect(connection, sent, deadline)
        finally:
            # A send that waits ends too.
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            sender.join()


def _answer_those_who_half_close(address, deadline):
    connections = []
    try:
        for number in range(300):
            sent = number.to_bytes(4, "big") * 25
            connection = socket.create_connection(address, timeout=5)
            connections.append((connection, sent))
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
        for connection, sent in connections:
            _expect(connection, sent, deadline)
    finally:
        for connection, _ in connections:
            connection.close()


def _expect(connection, sent, deadline):
    """Receives until the end of the stream, and compares."""
    count = 0
    while True:
        deadline.bound(connection)
        received = connection.recv(_MEBIBYTE)
        if not received:
            break
        if sent[count : count + len(received)] != received:
            raise _Wrong(f"other bytes come back after {count}")
        count += len(received)
    if count != len(sent):
        raise _Wrong(f"{count} of {len(sent)} bytes come back")


def _echo_datagrams(address, deadline):
    generator = random.Random(1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect(address)
        for length in [1, 64, 1200, 1472] * 50:
            sent = generator.randbytes(length)
            client.send(sent)
            deadline.bound(client)
            if client.recv(65536) != sent:
                raise _Wrong(f"another datagram comes back for one of {length} bytes")


_stream_checks = [
    ("8 MiB, both ways at once", _echo_both_ways_at_once, 20),
    ("300 connections that send 100 bytes and half-close", _answer_those_who_half_close, 20),
]
_datagram_checks = [("200 datagrams", _echo_datagrams, 10)]
