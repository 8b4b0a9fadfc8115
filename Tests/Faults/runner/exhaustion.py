"""Shortages: descriptors, memory, ports, a backlog, a disk. Each ends in a clear message or a recovery."""

import os
import resource
import socket
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import talk
from processes import Failed, Process, Server, eventually, idle_cpu, serving

MODES = ["threads", "poll", "async", "handler"]
MEBIBYTE = 1 << 20


def check(settings, say):
    return tried(CASES, settings, say)


def tried(cases, settings, say):
    """Tries each case with each of its variants; what is wrong, one line each."""
    wrong = []
    for name, try_it, variants in cases:
        for variant in variants:
            try:
                try_it(settings.programs, variant)
            except Failed as failure:
                wrong.append(f"{name}, {variant}: {failure}")
            else:
                say(f"{name}, {variant}")
    return wrong


def expect(condition, message):
    if not condition:
        raise Failed(message)


def expect_served(server, fates):
    expect(set(fates) == {talk.SERVED}, f"{fates}, {server.errors[-3:]}")


def descriptors(programs, mode):
    """More clients than descriptors: those that fit are served, the others wait, and are served after them."""
    limit = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    with serving(programs, mode, preexec_fn=limit) as server, ExitStack() as open_clients:
        waiting = [open_clients.enter_context(talk.connected(server.endpoints[0])) for _ in range(100)]
        eventually("a message", lambda: any("EMFILE" in line for line in server.errors))
        expect(idle_cpu(server, 1) < 0.3, "spins while there are no descriptors")
        while waiting:
            client = waiting.pop(0)
            try:
                expect(talk.exactly(client, len(talk.GREETING)) == talk.GREETING, "another greeting")
                client.sendall(b"hello\n")
                expect(talk.exactly(client, 6) == b"hello\n", "another answer")
            except OSError as error:
                raise Failed(f"{len(waiting)} clients before the end: {error!r}") from None
            client.close()
        expect_served(server, [talk.stream(server.endpoints[0])])
        expect(server.stop() == 0, "does not end well")


def memory(programs, mode):
    """Clients that want more memory than there is. A call that is refused some ends a client, with a line; Swift ends a
    program that has none for an object, which says so too."""
    limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (160 * MEBIBYTE, 160 * MEBIBYTE))
    environment = {**os.environ, "SWIFT_BACKTRACE": "enable=no"}
    with serving(programs, mode, options=["--quiet"], preexec_fn=limit, env=environment) as server:
        with ExitStack() as open_clients:
            for _ in range(600):
                try:
                    client = open_clients.enter_context(talk.connected(server.endpoints[0], 2))
                    client.sendall(b"hello\n")
                except OSError:
                    break
        served = lambda: talk.stream(server.endpoints[0], patience=2) == talk.SERVED
        eventually("an answer, or the end", lambda: served() or server.status is not None)
        fatal = [line for line in server.errors if line.startswith("Fatal error: failed to allocate")]
        if server.status is not None:
            return expect(fatal, f"ends with {server.status}, and says {server.errors[-1:]}")
        known = "(EAGAIN)", "(ENOMEM)", "(ENOBUFS)", "(ECONNRESET)", "(EPIPE)"
        expect(all(line.endswith(known) for line in server.errors), f"{server.errors[-1:]}")
        expect(server.stop() == 0, "does not end well")


def backlog(programs, mode):
    """A backlog that is full: who does not fit in waits in connect, and gets in when there is room."""
    with serving(programs, mode, options=["--max-connections", "1", "--no-welcome"]) as server:
        kind, place = talk.address(server.endpoints[0])
        clients = []
        try:
            # As many as the backlog has room for, and a hundred more.
            for _ in range(4096 + 100):
                client = socket.socket(kind, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
                client.connect_ex(place)
                clients.append(client)
            expect(idle_cpu(server) < 0.3, "spins with a full backlog")
            # All of them go, most of them unanswered, and the next is served.
            for client in clients:
                client.close()
            clients = []
            with talk.connected(server.endpoints[0], 30) as client:
                client.sendall(b"hello\n")
                expect(talk.exactly(client, 6) == b"hello\n", "another answer")
        except OSError as error:
            raise Failed(f"{error!r}") from None
        finally:
            for client in clients:
                client.close()
        expect(server.stop() == 0, "does not end well")


def isolated(name):
    """Runs a function of this module in a network and mounts of its own, which nobody else has."""

    def run(programs, variant):
        code = f"import exhaustion; exhaustion.{name}(exhaustion.Path({str(programs)!r}), {variant!r})"
        result = subprocess.run(
            ["unshare", "--net", "--mount", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
            + [sys.executable, "-c", code],
            cwd=Path(__file__).parent, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        expect(result.returncode == 0, result.stderr.strip().splitlines()[-1:])

    return run


def ports_alone(programs, session):
    """Every port that the system gives to clients is taken."""
    with open("/proc/sys/net/ipv4/ip_local_port_range", "w") as file:
        file.write("40000 40003")
    with tempfile.TemporaryDirectory(prefix="echo-") as directory:
        # The server's own port is not one of them.
        server = Server(programs, directory, "async", ["tcp://127.0.0.1:7000", "udp://127.0.0.1:7000"])
        server.listening()
        isStream = session == "tcp"
        kind = socket.SOCK_STREAM if isStream else socket.SOCK_DGRAM
        endpoint = f"{session}://127.0.0.1:7000"
        clients = [socket.socket(socket.AF_INET, kind) for _ in range(4)]
        try:
            for client in clients:
                client.connect(("127.0.0.1", 7000))
            words = [programs / "echo-client", endpoint]
            client = Process(words, directory, "client")
            status = client.wait()
            reason = "(EADDRNOTAVAIL)" if isStream else "(EAGAIN)"
            expect(status == 1 and len(client.errors) == 1 and client.errors[0].endswith(reason), f"{client.errors}")
            # With one port more there is a recovery.
            with open("/proc/sys/net/ipv4/ip_local_port_range", "w") as file:
                file.write("40000 40010")
            expect(Process(words, directory, "client").wait() == 0, "the next client fails")
            expect(server.stop() == 0 if not isStream else True, "does not end well")
        finally:
            for client in clients:
                client.close()
            server.end()


def disk_alone(programs, mode):
    """No room for the pid file."""
    with tempfile.TemporaryDirectory(prefix="echo-") as directory:
        disk = Path(directory, "disk")
        disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", disk], check=True)
        disk.joinpath("full").write_bytes(bytes(4096))
        options = ["--pidfile", str(disk / "pid")]
        server = Server(programs, directory, mode, ["tcp://127.0.0.1:0"], options)
        expect(server.wait() == 1, "goes on without its pid file")
        expect(server.errors == [f"echo-server: pid file {disk}/pid: no space left on device (ENOSPC)"], server.errors)
        expect([file.name for file in disk.iterdir()] == ["full"], "leaves an empty pid file")
        # And with room it begins.
        disk.joinpath("full").unlink()
        server = Server(programs, directory, mode, ["tcp://127.0.0.1:0"], options)
        expect(server.listening() and server.stop() == 0, f"does not begin with room: {server.errors}")
        subprocess.run(["umount", disk], check=True)


CASES = [
    ("64 descriptors and 100 clients", descriptors, MODES),
    ("160 MiB of memory and 600 clients", memory, MODES),
    ("a backlog that is full", backlog, MODES),
    ("no port for a client", isolated("ports_alone"), ["tcp", "udp"]),
    ("no room for the pid file", isolated("disk_alone"), ["async"]),
]
