"""The examples, each with real peers."""

import hashlib
import os
import signal
import socket
import subprocess
import threading
import time
import unittest

from peers import PATIENCE, ExampleTest, is_root, read_all, read_line, text

NOISE = hashlib.shake_256(b"noise").digest(3_000_000)


def echo(client):
    while data := client.recv(65536):
        client.sendall(data)


def digest(client):
    """Greets, reads to the end, and only then answers."""
    client.sendall(b"hello ")
    client.sendall(hashlib.sha256(read_all(client)).hexdigest().encode())


class PortForward(ExampleTest):
    def forward(self, target, address="127.0.0.1:0"):
        forwarder = self.start("port-forward", address, target)
        words = forwarder.line("forwarding ").split(" to ")
        self.assertEqual(words[1], target)
        return forwarder, words[0].removeprefix("unix:")

    def test_the_end_of_one_direction_leaves_the_other_open(self):
        forwarder, address = self.forward(f"tcp://{text(self.serve(digest))}")
        client = self.connect(address)
        client.sendall(NOISE)
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(read_all(client), b"hello " + hashlib.sha256(NOISE).hexdigest().encode())
        self.assertEqual(forwarder.end(signal.SIGTERM), 0)
        self.assertEqual(forwarder.error, b"")

    def test_many_clients_at_once_between_unix_sockets(self):
        path = self.path("listen")
        target = self.serve(echo, clients=20, family=socket.AF_UNIX, address=self.path("target"))
        forwarder, address = self.forward(f"unix://{target}", f"unix:{path}")
        self.assertEqual(address, path)
        clients = [self.connect(path) for _ in range(20)]
        for number, client in enumerate(clients):
            client.sendall(b"%d\n" % number)
        for number, client in enumerate(clients):
            self.assertEqual(read_line(client), str(number))
        self.assertEqual(forwarder.end(signal.SIGINT), 0)
        self.assertFalse(os.path.exists(path))

    def test_a_file_that_was_left_is_replaced(self):
        path = self.path("listen")
        for _ in range(2):
            forwarder, _ = self.forward("tcp://127.0.0.1:1", f"unix:{path}")
            forwarder.end(signal.SIGKILL)
        self.assertTrue(os.path.exists(path))

    def test_a_target_that_refuses_ends_that_client_alone(self):
        closed = self.listen()
        target = closed.getsockname()
        closed.close()
        forwarder, address = self.forward(f"tcp://{text(target)}")
        self.assertEqual(self.connect(address).recv(1), b"")
        self.serve(echo, address=target)
        client = self.connect(address)
        client.sendall(b"again\n")
        self.assertEqual(read_line(client), "again")
        forwarder.end(signal.SIGTERM)
        self.assertRegex(forwarder.error.decode(), r"\Aport-forward: client 127.0.0.1:\d+: .*ECONNREFUSED.*\n\Z")

    def test_a_client_that_is_reset_lets_go_of_the_target(self):
        ended = threading.Event()

        def wait(server):
            server.sendall(b"x")
            try:
                read_all(server)
            except OSError:
                pass
            ended.set()

        forwarder, address = self.forward(f"tcp://{text(self.serve(wait))}")
        client = self.connect(address)
        client.recv(1)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.close()
        self.assertTrue(ended.wait(PATIENCE))
        forwarder.end(signal.SIGTERM)

    def test_usage(self):
        self.expect_usage("port-forward")
        self.expect_usage("port-forward", "127.0.0.1", "localhost:1")
        self.expect_failure(self.run_to_end("port-forward", "127.0.0.1:0", "udp://localhost:1"), "datagrams")


class Netcat(ExampleTest):
    def test_the_end_of_the_input_leaves_the_answer_to_come(self):
        status, output, error = self.run_to_end("netcat", text(self.serve(digest)), input=NOISE)
        self.assertEqual((status, error), (0, ""))
        self.assertEqual(output, b"hello " + hashlib.sha256(NOISE).hexdigest().encode())

    def test_both_directions_at_once(self):
        path = self.path("echo")
        # No more at a time than a pipe that is ready takes: socat would wait for itself to read it.
        self.socat("-b", "4096", f"UNIX-LISTEN:{path}", "PIPE")
        self.eventually(lambda: os.path.exists(path), "a socket of socat's")
        status, output, error = self.run_to_end("netcat", f"unix://{path}", input=NOISE)
        self.assertEqual((status, error), (0, ""))
        self.assertTrue(output == NOISE)

    def test_the_end_of_the_stream_is_the_end(self):
        address = self.serve(lambda client: client.sendall(b"that is all\n"))
        netcat = self.start("netcat", text(address), stdin=subprocess.PIPE)
        self.assertEqual(netcat.line(), "that is all")
        # Its input is still open.
        self.assertEqual(netcat.process.wait(PATIENCE), 0)

    def test_what_is_typed_goes_at_once(self):
        netcat = self.start("netcat", text(self.serve(echo)), stdin=subprocess.PIPE)
        for line in ["one", "two"]:
            netcat.process.stdin.write(f"{line}\n".encode())
            netcat.process.stdin.flush()
            self.assertEqual(netcat.line(), line)
        self.assertEqual(netcat.end(), 0)

    def test_datagrams(self):
        for scheme, family, address in [
            ("udp", socket.AF_INET, ("127.0.0.1", 0)), ("unixgram", socket.AF_UNIX, self.path("datagrams"))]:
            server = self.listen(family, socket.SOCK_DGRAM, address)
            name = server.getsockname()
            netcat = self.start(
                "netcat", f"{scheme}://{name if isinstance(name, str) else text(name)}", stdin=subprocess.PIPE)
            for number in range(3):
                netcat.process.stdin.write(b"%d\n" % number)
                netcat.process.stdin.flush()
                data, sender = server.recvfrom(65536)
                self.assertEqual(data, b"%d\n" % number)
                # An empty one is no end.
                server.sendto(b"", sender)
                server.sendto(b"got " + data, sender)
                self.assertEqual(netcat.line(), f"got {number}")
            self.assertEqual(netcat.end(), 0)

    def test_failures(self):
        closed = self.listen()
        address = text(closed.getsockname())
        closed.close()
        self.expect_failure(self.run_to_end("netcat", address), "ECONNREFUSED")
        self.expect_failure(self.run_to_end("netcat", f"unix://{self.path('none')}"), "ENOENT")
        # ICMP brings it back.
        self.expect_failure(self.run_to_end("netcat", f"udp://{address}", input=b"x"), "ECONNREFUSED")
        self.expect_usage("netcat")
        self.expect_usage("netcat", "nonsense:")


class ChatServer(ExampleTest):
    def setUp(self):
        super().setUp()
        self.server = self.start("chat-server", "127.0.0.1:0")
        self.address = self.server.line("listening on ")

    def join(self, name, others):
        member = self.connect(self.address)
        question = b"What is your name? "
        self.assertEqual(member.recv(len(question), socket.MSG_WAITALL), question)
        member.sendall(name.encode() + b"\n")
        self.assertEqual(read_line(member), f"* here: {others}")
        return member

    def test_everybody_else_hears_what_is_said(self):
        ann = self.join("ann", "nobody else")
        bob = self.join("bob", "ann")
        self.assertEqual(read_line(ann), "* bob has come in")
        # By the other example, as a person would.
        carl = self.start("netcat", self.address, stdin=subprocess.PIPE)
        carl.process.stdin.write("carl\nguten Tag, \x1b[2Jgrüß euch\r\n".encode())
        carl.process.stdin.flush()
        for member in (ann, bob):
            self.assertEqual(read_line(member), "* carl has come in")
            # What would clear the screen does not.
            self.assertEqual(read_line(member), "<carl> guten Tag, [2Jgrüß euch")
        bob.sendall(b"hello\nand bye")
        bob.shutdown(socket.SHUT_WR)
        for line in ["<bob> hello", "<bob> and bye", "* bob has left"]:
            self.assertEqual(read_line(ann), line)
            carl.expect(line.encode() + b"\n")
        self.assertEqual(bob.recv(1), b"")
        carl.process.stdin.close()
        carl.process.stdin = None
        self.assertEqual(read_line(ann), "* carl has left")
        self.assertEqual(carl.end(), 0)

    def test_a_name_is_one_members(self):
        self.join("ann", "nobody else")
        other = self.connect(self.address)
        other.sendall(b"ann\n")
        self.assertEqual(read_all(other), b"What is your name? * that name is taken\n")

    def test_one_who_does_not_listen_is_shown_out(self):
        deaf = self.join("deaf", "nobody else")
        ann = self.join("ann", "deaf")
        ann.sendall(b"".join(b"x" * 999 + b"\n" for _ in range(20_000)))
        self.assertEqual(read_line(ann), "* deaf has left")
        ann.sendall(b"who is there?\n")
        self.join("bob", "ann")
        del deaf

    def test_everybody_hears_the_end(self):
        members = [self.join("ann", "nobody else")]
        members.append(self.join("bob", "ann"))
        # And one who has not said its name yet does not keep it from ending.
        self.connect(self.address)
        start = time.monotonic()
        self.assertEqual(self.server.end(signal.SIGTERM), 0)
        self.assertLess(time.monotonic() - start, 15)
        for member in members:
            self.assertTrue(read_all(member).endswith(b"* the room is closed\n"))
        self.assertEqual(self.server.error, b"")

    def test_failures(self):
        self.expect_usage("chat-server", "nonsense")
        self.expect_failure(self.run_to_end("chat-server", self.address), "EADDRINUSE")


class Ping(ExampleTest):
    def test_a_host_that_is_there(self):
        for host in ("127.0.0.1", "::1", "localhost"):
            status, output, error = self.run_to_end("ping", host, "2")
            self.assertEqual((status, error), (0, ""))
            self.assertRegex(
                output.decode(),
                r"\A1 \S+ \d+\.\d{3} ms\n2 \S+ \d+\.\d{3} ms\n2 sent, 2 answered\nleast \S+ ms, mean \S+ ms, most \S+ ms\n\Z")

    def test_an_interruption_ends_it_with_the_sum(self):
        ping = self.start("ping", "127.0.0.1", "1000")
        ping.line("1 ")
        self.assertEqual(ping.end(signal.SIGINT), 0)
        self.assertRegex(ping.output.decode(), r"\d sent, \d answered\n")

    @unittest.skipUnless(is_root(), "skipped: a network namespace takes root")
    def test_a_host_that_is_not(self):
        # A namespace whose loopback is down has no way anywhere.
        ping = self.start("ping", "127.0.0.1", "1", prefix=["unshare", "--net"])
        self.assertEqual(ping.end(), 1)
        self.assertIn("ENETUNREACH", ping.error.decode())
        self.expect_failure(self.run_to_end("ping", "no.such.host.invalid"), "no.such.host.invalid")

    def test_usage(self):
        self.expect_usage("ping")
        self.expect_usage("ping", "localhost", "0")


class Discover(ExampleTest):
    def announce(self, name, port, interface, prefix=()):
        announcer = self.start("discover", "announce", name, str(port), interface, prefix=prefix)
        announcer.line(f"announcing {name} on {interface}")
        return announcer

    def test_on_this_machine(self):
        announcers = [
            self.announce("printer", 631, "lo"), self.announce("printer", 632, "lo"), self.announce("fax", 9, "lo")]
        status, output, error = self.run_to_end("discover", "find", "printer", "lo")
        self.assertEqual((status, error), (0, ""))
        # The machine's own address: the kernel prefers one that is good for more than this machine.
        self.assertRegex(output.decode(), r"\Aprinter at ([\d.]+):631\nprinter at \1:632\n\Z")
        self.expect_failure(self.run_to_end("discover", "find", "coffee", "lo"), "nobody offers coffee on lo")
        for announcer in announcers:
            self.assertEqual(announcer.end(signal.SIGTERM), 0)
            self.assertEqual(announcer.error, b"")

    @unittest.skipUnless(is_root(), "skipped: network namespaces take root")
    def test_on_a_network(self):
        names = [f"examples-{os.getpid()}-{side}" for side in "ab"]

        def ip(*words):
            subprocess.run(["ip", *words], check=True, timeout=PATIENCE)

        for name in names:
            ip("netns", "add", name)
            self.addCleanup(ip, "netns", "del", name)
        ip("-n", names[0], "link", "add", "side", "type", "veth", "peer", "name", "side", "netns", names[1])
        for number, name in enumerate(names):
            ip("-n", name, "address", "add", f"192.0.2.{number + 1}/24", "dev", "side")
            ip("-n", name, "link", "set", "side", "up")
        self.announce("printer", 631, "side", prefix=["ip", "netns", "exec", names[0]])
        finder = self.start("discover", "find", "printer", "side", prefix=["ip", "netns", "exec", names[1]])
        self.assertEqual(finder.end(), 0, finder.error)
        self.assertEqual(finder.output, b"printer at 192.0.2.1:631\n")

    def test_failures(self):
        self.expect_usage("discover")
        self.expect_usage("discover", "announce", "printer", "65536", "lo")
        self.expect_failure(self.run_to_end("discover", "find", "printer", "none0"), "no such interface")
        self.expect_failure(self.run_to_end("discover", "find", "a b", "lo"), "printable")


class Supervisor(ExampleTest):
    def supervise(self, count):
        supervisor = self.start("supervisor", "127.0.0.1:0", str(count))
        address = supervisor.line("listening on ")
        workers = {int(supervisor.line("worker ").removesuffix(" started")) for _ in range(count)}
        return supervisor, address, workers

    def worker(self, connection):
        return int(read_line(connection).removeprefix("worker "))

    def test_a_worker_that_dies_is_replaced_and_nobody_is_refused(self):
        supervisor, address, workers = self.supervise(2)
        for _ in range(3):
            client = self.connect(address)
            victim = self.worker(client)
            self.assertIn(victim, workers)
            os.kill(victim, signal.SIGKILL)
            # Its connections go with it.
            with self.assertRaises((AssertionError, ConnectionError)):
                read_line(client)
            others = [self.connect(address) for _ in range(5)]
            self.assertEqual(supervisor.line(f"worker {victim} ended"), " with status 9")
            workers.discard(victim)
            for other in others:
                self.assertNotEqual(self.worker(other), victim)
                other.close()
            workers.add(int(supervisor.line("worker ").removesuffix(" started")))
        self.assertEqual(supervisor.end(signal.SIGTERM), 0)

    def test_what_is_open_is_finished(self):
        supervisor, address, workers = self.supervise(2)
        client = self.connect(address)
        self.worker(client)
        supervisor.process.send_signal(signal.SIGTERM)
        # The one that has no client ends; the other does not before its client has.
        supervisor.expect(b"ended with status 0\n")
        client.sendall(b"still there?\n")
        self.assertEqual(read_line(client), "still there?")
        client.close()
        self.assertEqual(supervisor.end(), 0)
        self.assertIn(b"ended with status 0\n", supervisor.output)
        self.assertEqual(supervisor.error, b"")
        with self.assertRaises(ConnectionRefusedError):
            self.connect(address)

    def test_workers_do_not_outlive_it(self):
        supervisor, _, workers = self.supervise(2)
        supervisor.process.kill()
        self.eventually(lambda: not any(os.path.exists(f"/proc/{worker}/exe") for worker in workers), "their end")

    def test_failures(self):
        self.expect_usage("supervisor", "127.0.0.1:0", "0")
        self.expect_failure(self.run_to_end("supervisor", "192.0.2.1:1", "1"), "EADDRNOTAVAIL")
        # Its standard input is no socket.
        self.expect_failure(self.run_to_end("supervisor", "worker"), "ENOTSOCK")


class HTTPGet(ExampleTest):
    def get(self, answer, path="/page?x=1"):
        requests = []

        def serve(client):
            request = b""
            while b"\r\n\r\n" not in request:
                request += client.recv(65536)
            requests.append(request.decode())
            # Byte by byte, where it is short: it is not to matter how it comes.
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            step = 1 if len(answer) < 2000 else 65536
            for start in range(0, len(answer), step):
                client.sendall(answer[start:start + step])

        address = text(self.serve(serve))
        result = self.run_to_end("http-get", f"http://{address}{path}")
        self.assertEqual(requests, [f"GET /page?x=1 HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"])
        return result

    def test_bodies(self):
        chunked = b"Transfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\nA\r\n0123456789\r\n0\r\nLate: yes\r\n\r\n"
        for answer, body in [
            (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloand more", b"hello"),
            (b"HTTP/1.1 200 OK\r\n" + chunked, b"abc0123456789"),
            (b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nCONTENT-LENGTH:2\r\n\r\nok", b"ok"),
            (b"HTTP/1.0 200\n\nto the end", b"to the end"),
            (b"HTTP/1.1 204 Nothing\r\n\r\n", b""),
            (b"HTTP/1.1 200 OK\r\n\r\n" + NOISE, NOISE),
        ]:
            status, output, error = self.get(answer, "/page?x=1#part")
            self.assertEqual((status, error), (0, ""))
            self.assertTrue(output == body, output[:100])

    def test_failures(self):
        for answer, message in [
            (b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno", "404 Not Found"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", "4 bytes too soon"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", 'content length "-1"'),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n", "a chunk without a size"),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab", "1 bytes too soon"),
            (b"HTTP/1.1 200 OK\r\n", "within its headers"),
            (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 20_000, "longer than"),
            (b"SSH-2.0-OpenSSH\r\n", "not HTTP/1"),
        ]:
            self.expect_failure(self.get(answer), message)
        self.expect_failure(self.run_to_end("http-get", "https://localhost/"), "not an http:// URL")
        self.expect_failure(self.run_to_end("http-get", "http://localhost/a b"), "%20")
        self.expect_usage("http-get")

    def test_a_server_of_somebody_elses(self):
        with open(self.path("page"), "wb") as file:
            file.write(NOISE)
        words = ["python3", "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", self.directory]
        server = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        port = server.stdout.readline().split(b" port ")[1].split()[0].decode()
        status, output, error = self.run_to_end("http-get", f"http://localhost:{port}/page")
        self.assertEqual((status, error), (0, ""))
        self.assertTrue(output == NOISE)


class PortCheck(ExampleTest):
    def test_who_is_there(self):
        listening, path = self.listen(), self.path("socket")
        self.listen(socket.AF_UNIX, address=path)
        closed = self.listen()
        port = closed.getsockname()[1]
        closed.close()
        name = f"tcp://localhost:{listening.getsockname()[1]}"
        status, output, error = self.run_to_end("port-check", "5", name, f"unix://{path}")
        self.assertEqual((status, error), (0, ""))
        self.assertEqual(
            output.decode(), f"open    {name}  {text(listening.getsockname())}\nopen    unix://{path}  unix:{path}\n")
        result = self.run_to_end("port-check", "5", f"127.0.0.1:{port}", name)
        self.expect_failure(result, "1 of 2 not open")
        first, second = result[1].decode().splitlines()
        self.assertRegex(first, rf"\Aclosed  tcp://127.0.0.1:{port}  .*ECONNREFUSED")
        self.assertTrue(second.startswith(f"open    {name}"))

    def test_one_who_does_not_answer(self):
        # A queue that is full: the kernel drops what comes.
        full = self.listen()
        full.listen(0)
        for _ in range(2):
            waiting = socket.socket()
            self.addCleanup(waiting.close)
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        result = self.run_to_end("port-check", "0.5", text(full.getsockname()))
        self.expect_failure(result, "1 of 1 not open")
        self.assertIn(b"timed out", result[1])

    def test_usage(self):
        self.expect_usage("port-check", "localhost:1")
        self.expect_usage("port-check", "0", "localhost:1")
        self.expect_failure(self.run_to_end("port-check", "1", "udp://localhost:1"), "cannot be told")


class EchoService(ExampleTest):
    def figures(self):
        """By its name each number, as the other example fetches them."""
        status, output, error = self.run_to_end("http-get", f"http://{self.metrics}/metrics")
        self.assertEqual((status, error), (0, ""))
        return {name: float(number) for name, number in (line.split() for line in output.decode().splitlines())}

    def test_it_counts_and_ends_when_its_clients_have(self):
        service = self.start("echo-service", "127.0.0.1:0", "127.0.0.1:0")
        found = {}
        for _ in range(2):
            match = service.match(r"address=(\S+).* (echo|figures) listens?")
            found[match[2]] = match[1]
        self.metrics = found["figures"]
        clients = [self.connect(found["echo"]) for _ in range(3)]
        for client in clients:
            client.sendall(b"hello\n")
            self.assertEqual(read_line(client), "hello")
        clients.pop().close()
        self.eventually(lambda: self.figures()["connections_open"] == 2, "the end of one")
        self.assertEqual(self.figures(), {
            "bytes_echoed_total": 18, "connections_accepted_total": 3, "connections_open": 2})
        service.process.send_signal(signal.SIGTERM)
        # Nobody else is let in, and who is in goes on; the figures are there to the last.
        self.eventually(lambda: self.is_refused(found["echo"]), "the end of the listener")
        for client in clients:
            client.sendall(b"still there?\n")
            self.assertEqual(read_line(client), "still there?")
        self.assertEqual(self.figures()["bytes_echoed_total"], 18 + 26)
        for client in clients:
            client.close()
        self.assertEqual(service.end(), 0)
        self.assertIn(b"echo has ended", service.output)

    def is_refused(self, address):
        try:
            self.connect(address).close()
            return False
        except ConnectionRefusedError:
            return True

    def test_failures(self):
        self.assertEqual(self.run_to_end("echo-service", "nonsense")[0], 64)
        taken = text(self.listen().getsockname())
        status, output, _ = self.run_to_end("echo-service", taken, "127.0.0.1:0")
        self.assertEqual(status, 1)
        self.assertIn(b"EADDRINUSE", output)


if __name__ == "__main__":
    unittest.main()
