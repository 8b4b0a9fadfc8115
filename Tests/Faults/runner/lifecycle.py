"""Ends and new beginnings: what is accepted is answered, and the next server begins where the last one was."""

import re
import signal
import socket
import tempfile
import threading
from pathlib import Path

import talk
from exhaustion import MODES, expect, tried
from processes import Process, Server, eventually, serving


def check(settings, say):
    return tried(CASES, settings, say)


class Clients:
    """Clients that come one after the other for as long as they are wanted, each with a request."""

    def __init__(self, endpoint, count):
        self._endpoint = endpoint
        self._isOver = threading.Event()
        # Requests that were answered; and what became of the others, with the address that the server saw.
        self.served, self.refused, self.failed = 0, 0, []
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._run) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def _run(self):
        while not self._isOver.is_set():
            try:
                client = talk.connected(self._endpoint)
            except OSError:
                # Nobody was there, or the listener was closed before connect had returned.
                with self._lock:
                    self.refused += 1
                continue
            with client:
                place = "%s:%d" % client.getsockname() if client.family == socket.AF_INET else "unix"
                fate = self._request(client)
            with self._lock:
                if fate == talk.SERVED:
                    self.served += 1
                else:
                    self.failed.append((place, fate))

    def _request(self, client):
        try:
            talk.exactly(client, len(talk.GREETING))
            client.sendall(b"request" * 1000)
            client.shutdown(socket.SHUT_WR)
            answer = talk.exactly(client, 7000)
            return talk.SERVED if answer == b"request" * 1000 and not client.recv(1) else "another answer"
        except OSError as error:
            return repr(error)

    def finish(self):
        self._isOver.set()
        for thread in self._threads:
            thread.join()

    def lost(self, *servers):
        """Those that a server has accepted, as it says itself, and not answered.

        The others it knew nothing of: they waited in the backlog when the listener was closed. Most of these are reset.
        One whose handshake ends at that very moment may hear nothing at all: one in a few hundred closed listeners
        leaves one, whatever program closes it.
        """
        accepted = re.findall(r"^accept client (\S+)$", "\n".join(s.output for s in servers), re.MULTILINE)
        expect(len(accepted) >= self.served, f"{self.served} were served, and the log tells of {len(accepted)}")
        return [f"{place}: {fate}" for place, fate in self.failed if place in accepted]


def busy_end(programs, mode):
    """SIGTERM while clients come without end: each that was accepted gets all of its answer."""
    for _ in range(5):
        with serving(programs, mode) as server:
            clients = Clients(server.endpoints[0], 16)
            try:
                eventually("clients that are served", lambda: clients.served > 100)
                expect(server.stop() == 0, f"does not end well: {server.errors[-1:]}")
            finally:
                server.end()
                clients.finish()
            expect_none_lost(clients, server)
            expect(not server.errors, server.errors[:3])


def restart(programs, mode):
    """The next server begins at the same port while clients of the last one come, again and again."""
    with tempfile.TemporaryDirectory(prefix="echo-") as directory:
        servers = [Server(programs, directory, mode, ["tcp://127.0.0.1:0"])]
        clients = None
        try:
            expect(servers[0].listening(), servers[0].errors)
            endpoint = servers[0].endpoints[0]
            clients = Clients(endpoint, 8)
            for number in range(10):
                before = clients.served
                eventually("clients that are served", lambda: clients.served > before + 20)
                expect(servers[-1].stop() == 0, f"does not end well: {servers[-1].errors[-1:]}")
                servers.append(Server(programs, directory, mode, [endpoint], name=f"server{number}"))
                expect(servers[-1].listening(), f"the next one does not begin: {servers[-1].errors}")
            before = clients.served
            eventually("clients of the last one", lambda: clients.served > before + 20)
        finally:
            if clients:
                clients.finish()
            servers[-1].end()
        expect_none_lost(clients, *servers)


def hand_over(programs, mode):
    """A new server takes over the listening socket of the old one, again and again: nobody is refused, ever."""
    with tempfile.TemporaryDirectory(prefix="echo-") as directory, socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(4096)
        endpoint = "tcp://127.0.0.1:%d" % listener.getsockname()[1]
        # As a service manager does it: the socket is descriptor 3, for the process with this number.
        activation = ["sh", "-c", f'LISTEN_FDS=1 LISTEN_PID=$$ exec "$@" 3<&{listener.fileno()}', "sh"]

        def begin(number):
            server = Server(
                programs, directory, mode, [], wrapper=activation, name=f"server{number}", pass_fds=[listener.fileno()])
            eventually("takes the socket over", lambda: endpoint in server.endpoints or server.status is not None)
            expect(server.status is None, server.errors)
            return server

        servers = [begin(0)]
        clients = Clients(endpoint, 8)
        try:
            for number in range(1, 10):
                before = clients.served
                servers.append(begin(number))
                expect(servers[-2].stop() == 0, f"does not end well: {servers[-2].errors[-1:]}")
                eventually("clients that are served", lambda: clients.served > before + 20)
        finally:
            clients.finish()
            for server in servers:
                server.end()
        expect(not clients.refused, f"{clients.refused} clients were refused")
        expect(not clients.failed, f"{len(clients.failed)} requests failed: {clients.failed[:3]}")


HAPROXY = """
global
  stats socket {directory}/admin level admin
defaults
  mode tcp
  timeout connect 10s
  timeout client 60s
  timeout server 60s
listen echo
  bind unix@{directory}/front
  balance roundrobin
"""


def drained(programs, mode):
    """Behind HAProxy one server after the other is drained, ended and begun anew: no client sees anything of it."""
    with tempfile.TemporaryDirectory(prefix="echo-") as directory:
        # HAProxy comes from a Unix socket's client, and connects over TCP.
        options = ["--quiet", "--proxy-protocol", "127.0.0.1"]
        servers = [Server(programs, directory, mode, ["tcp://127.0.0.1:0"], options, name=str(n)) for n in range(2)]
        proxy, clients = None, None
        try:
            for server in servers:
                expect(server.listening(), server.errors)
            places = [server.endpoints[0] for server in servers]
            lines = [f"  server s{n} {place[6:]} send-proxy-v2\n" for n, place in enumerate(places)]
            configuration = Path(directory, "haproxy.cfg")
            configuration.write_text(HAPROXY.format(directory=directory) + "".join(lines))
            proxy = Process(["haproxy", "-db", "-f", configuration], directory, "haproxy")
            front, admin = Path(directory, "front"), Path(directory, "admin")
            eventually("HAProxy listens", lambda: front.exists() and admin.exists() or proxy.status is not None)
            expect(proxy.status is None, proxy.errors)
            clients = Clients(f"unix://{front}", 8)
            for number in range(6):
                index = number % 2
                before = clients.served
                command(admin, f"set server echo/s{index} state drain")
                eventually("the server has nothing open", lambda: sessions(admin, f"s{index}") == 0)
                expect(servers[index].stop() == 0, f"does not end well: {servers[index].errors[-1:]}")
                expect(not servers[index].errors, servers[index].errors[:3])
                name = f"{index}.{number}"
                servers[index] = Server(programs, directory, mode, [places[index]], options, name=name)
                expect(servers[index].listening(), f"the next one does not begin: {servers[index].errors}")
                command(admin, f"set server echo/s{index} state ready")
                eventually("clients that are served", lambda: clients.served > before + 20)
        finally:
            if clients:
                clients.finish()
            for process in [proxy, *servers]:
                if process:
                    process.end()
        expect(not clients.refused, f"{clients.refused} clients were refused")
        expect(not clients.failed, f"{len(clients.failed)} requests failed: {clients.failed[:3]}")


def command(admin, text):
    """Has HAProxy do something, and returns what it says."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(20)
        connection.connect(str(admin))
        connection.sendall(text.encode() + b"\n")
        return b"".join(iter(lambda: connection.recv(65_536), b"")).decode()


def sessions(admin, server):
    """How many connections HAProxy has with a server."""
    rows = [line.split(",") for line in command(admin, "show stat").splitlines() if line]
    return int(next(row for row in rows if row[1] == server)[rows[0].index("scur")])


def expect_none_lost(clients, *servers):
    lost = clients.lost(*servers)
    expect(not lost, f"{len(lost)} accepted requests are lost: {lost[:3]}")


def pid_file(programs, mode):
    """Two servers and one pid file: the second says who has it, and takes nothing from the first."""
    with tempfile.TemporaryDirectory(prefix="echo-") as directory:
        file = Path(directory, "pid")
        options = ["--pidfile", str(file)]
        with serving(programs, mode, options=options) as first:
            second = Server(programs, directory, mode, ["tcp://127.0.0.1:0"], options)
            expect(second.wait() == 1, "the second one goes on")
            says = f"echo-server: pid file {file}: already running as process {first.pid}"
            expect(second.errors == [says], second.errors)
            expect(file.read_text().strip() == str(first.pid), "the file has changed")
            expect(talk.stream(first.endpoints[0]) == talk.SERVED, "the first one serves nobody")
            # One that was killed leaves its file, but not its lock.
            first.signal(signal.SIGKILL)
            first.wait()
            third = Server(programs, directory, mode, ["tcp://127.0.0.1:0"], options, name="third")
            expect(third.listening(), f"a file that was left keeps the next one out: {third.errors}")
            expect(third.stop() == 0 and not file.exists(), "the file is left")


CASES = [
    ("an end with clients coming", busy_end, MODES),
    ("ten ends and beginnings at one port, with clients coming", restart, MODES),
    ("ten servers that hand over one socket, with clients coming", hand_over, MODES),
    ("two servers behind HAProxy, drained and begun anew", drained, ["threads", "async"]),
    ("one pid file", pid_file, MODES),
]
