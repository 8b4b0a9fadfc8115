"""Clients that mean harm: memory and descriptors stay within bounds, and a well-behaved client is answered meanwhile."""

import random
import socket
import struct
import threading
import time
from contextlib import ExitStack, contextmanager

import talk
from exhaustion import MEBIBYTE, MODES, expect, tried
from processes import PATIENCE, eventually, serving

# How soon a well-behaved client is answered, in seconds. Generous: the machine may be busy with other things.
ANSWERED = 10
# How much memory a server may have: for itself; for each client, whatever it does; and for each that takes nothing back,
# one buffer that is not sent yet. (Measured in debug builds: 17 MiB; 19, 0.3, 3.9 and 0.5 KiB; and 60 KiB.)
ITSELF = 24 * MEBIBYTE
EACH = {"threads": 32 << 10, "poll": 1 << 10, "async": 6 << 10, "handler": 2 << 10}
BUFFER = 64 << 10
ENDPOINTS = ("tcp://127.0.0.1:0", "udp://127.0.0.1:0")


def check(settings, say):
    return tried(CASES, settings, say)


@contextmanager
def harmed(programs, mode, clients, unread=0, options=(), answered=ANSWERED):
    """A server, and a well-behaved client that comes again and again while so many clients, of which some take nothing
    back, do the harm of the block.
    """
    loops = ["--loops", "2"] if mode in ("async", "handler") else []
    with serving(programs, mode, ENDPOINTS, ["--quiet", *loops, *options]) as server:
        expect(talk.stream(server.endpoints[0]) == talk.SERVED, "serves nobody")
        before = server.descriptors
        memory = ITSELF + clients * EACH[mode] + unread * BUFFER
        wrong = []
        isOver = threading.Event()

        def behave():
            while not wrong:
                begin = time.monotonic()
                fate = talk.stream(server.endpoints[0], patience=answered)
                elapsed = time.monotonic() - begin
                if fate != talk.SERVED or elapsed > answered:
                    wrong.append(f"a well-behaved client: {fate} after {elapsed:.1f} s")
                if isOver.wait(0.05):
                    return

        behaving = threading.Thread(target=behave)
        behaving.start()
        try:
            yield server
        finally:
            isOver.set()
            behaving.join()
        expect(not wrong, wrong)
        expect(server.status is None, f"ended: {server.errors[-1:]}")
        most = server.most_memory
        expect(most <= memory, f"{most / MEBIBYTE:.1f} MiB of memory, not {memory / MEBIBYTE:.1f}")
        eventually("the descriptors of the clients are closed", lambda: server.descriptors <= before)
        expect(talk.stream(server.endpoints[0]) == talk.SERVED, "serves nobody afterwards")
        expect(server.stop() == 0, f"does not end well: {server.errors[-1:]}")


def connect_all(stack, server, count):
    return [stack.enter_context(talk.connected(server.endpoints[0])) for _ in range(count)]


def slow_senders(programs, mode):
    """Two thousand clients that send a byte a second."""
    with harmed(programs, mode, 2000) as server, ExitStack() as stack:
        clients = connect_all(stack, server, 2000)
        for _ in range(3):
            begin = time.monotonic()
            for client in clients:
                client.send(b"x")
            time.sleep(max(0, 1 - (time.monotonic() - begin)))


def never_readers(programs, mode):
    """A hundred clients that send for as long as the server takes it, and take nothing back."""
    with harmed(programs, mode, 100, unread=100) as server, ExitStack() as stack:
        clients = connect_all(stack, server, 100)
        for client in clients:
            client.setblocking(False)
        for _ in range(20):
            for client in clients:
                try:
                    while client.send(bytes(65536)):
                        pass
                except BlockingIOError:
                    pass
            time.sleep(0.05)


def half_openers(programs, mode):
    """A thousand clients that say nothing, or say at once that they will say nothing, and stay."""
    with harmed(programs, mode, 1000) as server, ExitStack() as stack:
        for number, client in enumerate(connect_all(stack, server, 1000)):
            if number % 2:
                client.shutdown(socket.SHUT_WR)


def resets(programs, mode):
    """Two thousand clients that look and go, or reset the connection: at once, greeted, mid-request, half-closed."""

    def reset(client, stage):
        if stage > 1:
            client.recv(64)
        if stage > 2:
            client.send(bytes(100_000))
        if stage > 3:
            client.recv(1000)
        if stage > 4:
            client.shutdown(socket.SHUT_WR)
        if stage:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with harmed(programs, mode, 100, unread=100) as server:
        for number in range(2000):
            with talk.connected(server.endpoints[0]) as client:
                reset(client, number % 6)


def flood(programs, mode):
    """More clients than the server takes, which stay until it ends them for being idle; others have their turn."""
    options = ["--max-connections", "50", "--idle-timeout", "0.5"]
    with harmed(programs, mode, 50, options=options, answered=PATIENCE * 2) as server, ExitStack() as stack:
        clients = connect_all(stack, server, 500)
        for client in clients:
            talk.exactly(client, len(talk.GREETING))


def beyond_backlog(programs, mode):
    """More clients than the backlog has room for, at once."""
    with harmed(programs, mode, 6000, answered=PATIENCE * 2) as server, ExitStack() as stack:
        kind, place = talk.address(server.endpoints[0])
        for _ in range(6000):
            client = stack.enter_context(socket.socket(kind, socket.SOCK_STREAM | socket.SOCK_NONBLOCK))
            client.connect_ex(place)


def huge_lines(programs, mode):
    """Lines of 8 MiB, which come back whole."""
    with harmed(programs, mode, 4, unread=4) as server:
        for _ in range(2):
            fate = talk.both_ways(server.endpoints[0], 8 * MEBIBYTE, buffers=None)
            expect(fate == talk.SERVED, fate)


def datagrams(programs, mode):
    """A hundred thousand datagrams from a hundred addresses, whose answers nobody takes."""
    with harmed(programs, mode, 0) as server, ExitStack() as stack:
        generator = random.Random(1)
        _, place = talk.address(server.endpoints[1])
        clients = []
        for _ in range(100):
            client = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            client.bind((f"127.{generator.randrange(256)}.{generator.randrange(256)}.{generator.randrange(1, 255)}", 0))
            clients.append(client)
        for number in range(100_000):
            clients[number % 100].sendto(bytes(number % 1400), place)
        # Datagrams get lost in a flood; after it they do not.
        eventually("an answer", lambda: talk.datagram(server.endpoints[1]) == talk.SERVED)


CASES = [
    ("2000 clients that send a byte a second", slow_senders, MODES),
    ("100 clients that never read", never_readers, MODES),
    ("1000 clients that stay and say nothing", half_openers, MODES),
    ("2000 clients that reset the connection", resets, MODES),
    ("500 clients of a server that takes 50", flood, MODES),
    ("6000 clients at once", beyond_backlog, MODES),
    ("lines of 8 MiB", huge_lines, MODES),
    ("100,000 datagrams", datagrams, MODES),
]
