"""Starts an echo server, drives it with real clients, and ends it. The argument is the program."""

import atexit
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import threading

PROGRAM = sys.argv[1]
WELCOME = b"Welcome to my server\n"
SECONDS = 20


def read_exactly(client, count):
    data = b""
    while len(data) < count:
        part = client.recv(65536)
        assert part, f"the stream ended after {len(data)} of {count} bytes"
        data += part
    return data


def connect(address):
    client = socket.create_connection(address, timeout=SECONDS)
    assert read_exactly(client, len(WELCOME)) == WELCOME
    return client


def say(client, line):
    client.sendall(line)
    assert read_exactly(client, len(line)) == line


def start(argument, **options):
    """The server, and where it says that it listens."""
    server = subprocess.Popen([PROGRAM, argument], stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    # Whatever happens, it is not left behind.
    atexit.register(lambda: server.poll() is None and server.kill())
    line = server.stdout.readline().decode()
    assert line.startswith("listening on tcp://"), line
    host, port = line[len("listening on tcp://") :].rstrip("\n").rsplit(":", 1)
    assert int(port) > 0, line
    return server, (host.strip("[]"), int(port))


def lines(address):
    with connect(address) as client:
        for line in (b"hello\n", b"\0\xff\n", b"x" * 5000 + b"\n"):
            say(client, line)


def mebibyte(address):
    payload = os.urandom(1 << 20)
    with connect(address) as client:
        sender = threading.Thread(target=lambda: (client.sendall(payload), client.shutdown(socket.SHUT_WR)))
        sender.start()
        assert read_exactly(client, len(payload)) == payload
        sender.join(SECONDS)
        assert client.recv(1) == b"", "more came than was sent"


def reset(address):
    client = connect(address)
    client.sendall(b"x" * 100_000)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
    lines(address)


def many(address):
    clients = [connect(address) for _ in range(50)]
    for number, client in enumerate(clients):
        say(client, b"client %d\n" % number)
    for client in clients:
        client.close()


def end(server, status=-signal.SIGTERM):
    assert server.poll() is None, f"the server ended by itself: {server.returncode}"
    server.terminate()
    assert server.wait(SECONDS) == status, server.returncode
    return server.stderr.read().decode()


def refuses(argument, status, words):
    done = subprocess.run([PROGRAM, argument], capture_output=True, timeout=SECONDS)
    said = done.stderr.decode()
    assert done.returncode == status and said.count("\n") == 1 and argument in said and words in said, (done, argument)
    print(said, end="")


def shortage():
    """More clients than the server has descriptors: it waits, and goes on when others are gone."""
    limit = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (8, 8))
    server, address = start("127.0.0.1:0", preexec_fn=limit)
    clients = [connect(address) for _ in range(4)]
    late = socket.create_connection(address, timeout=SECONDS)
    assert b"errno 24" in server.stderr.readline()
    for client in clients:
        client.close()
    assert read_exactly(late, len(WELCOME)) == WELCOME
    say(late, b"late\n")
    late.close()
    # Backing off: a few lines, where asking again at once would have given thousands.
    assert end(server).count("\n") < 50


def main():
    server, address = start("127.0.0.1:0")
    try:
        # Its standard output has no reader from here on: neither that nor a client that is gone ends it.
        server.stdout.close()
        for test in (lines, mebibyte, reset, many, *[lines] * 5):
            test(address)
            print("ok", test.__name__)
        refuses("%s:%d" % address, 1, "errno 98")
    finally:
        server.poll() is None and print(end(server), end="")
    if socket.has_ipv6 and os.path.exists("/proc/net/if_inet6"):
        server, address = start("[::1]:0")
        lines(address)
        end(server)
        print("ok IPv6")
    shortage()
    print("ok shortage")
    for argument in ("", "127.0.0.1", "127.0.0.1:65536", "127.1:80", "[::1:80", "localhost:80"):
        refuses(argument, 64, "not an address and a port")


# What waits for the server's output has no bound of its own.
signal.signal(signal.SIGALRM, lambda *_: sys.exit("not done after a minute"))
signal.alarm(60)
main()
