"""Programs that a test starts, and what they talk to: with a bound for every wait, and nothing left behind."""

import contextlib
import os
import re
import select
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import unittest

PATIENCE = 20
PROGRAMS = os.environ["EXAMPLES"]


def program(name):
    """The path of a program: each package has built its own elsewhere."""
    return shutil.which(name, path=PROGRAMS)


class Running:
    """A program under way, its standard output line by line."""

    def __init__(self, words, stdin=subprocess.DEVNULL, **options):
        self.process = subprocess.Popen(
            words, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
        self.output = b""
        self.error = b""

    def line(self, beginning=""):
        """Waits for a line that begins so, and returns what follows the beginning."""
        deadline = time.monotonic() + PATIENCE
        seen = 0
        while True:
            while (end := self.output.find(b"\n", seen)) >= 0:
                line = self.output[seen:end].decode()
                seen = end + 1
                if line.startswith(beginning):
                    self.output = self.output[seen:]
                    return line[len(beginning):]
            if not self.fill(deadline):
                raise AssertionError(f"no line {beginning!r}: {self.output!r} {self.error!r}")

    def match(self, pattern):
        """Waits for a line in which a pattern is found; the match."""
        while True:
            if match := re.search(pattern, self.line()):
                return match

    def expect(self, text):
        """Waits for bytes anywhere in the output, and drops them and what is before them."""
        deadline = time.monotonic() + PATIENCE
        while (found := self.output.find(text)) < 0:
            if not self.fill(deadline):
                raise AssertionError(f"no {text!r}: {self.output!r} {self.error!r}")
        self.output = self.output[found + len(text):]

    def fill(self, deadline):
        left = deadline - time.monotonic()
        streams = [self.process.stdout, self.process.stderr]
        ready = select.select(streams, [], [], max(left, 0))[0]
        for stream in ready:
            data = os.read(stream.fileno(), 65536)
            if stream is self.process.stdout:
                self.output += data
                if not data:
                    return False
            else:
                self.error += data
                if not data and len(ready) == 1:
                    return bool(select.select([self.process.stdout], [], [], max(left, 0))[0])
        return bool(ready)

    def end(self, number=None):
        """Waits for its end, after a signal where one is given; its status, and what it has said since."""
        if number:
            self.process.send_signal(number)
        output, error = self.process.communicate(timeout=PATIENCE)
        self.output += output
        self.error += error
        return self.process.returncode

    def clear(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream:
                stream.close()


class ExampleTest(unittest.TestCase):
    """A test with a directory and programs of its own."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="examples-")
        self.addCleanup(directory.cleanup)
        self.directory = directory.name

    def path(self, name):
        return os.path.join(self.directory, name)

    def start(self, name, *arguments, prefix=(), **options):
        running = Running([*prefix, program(name), *arguments], **options)
        self.addCleanup(running.clear)
        return running

    def run_to_end(self, name, *arguments, input=b"", **options):
        """The status, the output and the error output of a program."""
        done = subprocess.run(
            [program(name), *arguments], input=input, capture_output=True, timeout=PATIENCE, **options)
        return done.returncode, done.stdout, done.stderr.decode()

    def expect_usage(self, name, *arguments):
        status, output, error = self.run_to_end(name, *arguments)
        self.assertEqual((status, output), (64, b""), error)
        self.assertIn(f"usage: {name} ", error)

    def expect_failure(self, result, text):
        """Status 1, and one line that says why."""
        status, _, error = result
        self.assertEqual(status, 1, error)
        self.assertIn(text, error)
        self.assertEqual(error.count("\n"), 1, error)

    def listen(self, family=socket.AF_INET, kind=socket.SOCK_STREAM, address=("127.0.0.1", 0)):
        server = socket.socket(family, kind)
        self.addCleanup(server.close)
        server.settimeout(PATIENCE)
        server.bind(address)
        if kind == socket.SOCK_STREAM:
            server.listen()
        return server

    def serve(self, body, clients=1, **options):
        """A server that has a thread for each of so many clients; its address."""
        server = self.listen(**options)

        def accept():
            for _ in range(clients):
                try:
                    client = server.accept()[0]
                except OSError:
                    return
                client.settimeout(PATIENCE)
                thread = threading.Thread(target=answer, args=(client,), daemon=True)
                thread.start()

        def answer(client):
            # One who has heard enough may be gone.
            with client, contextlib.suppress(ConnectionError):
                body(client)

        threading.Thread(target=accept, daemon=True).start()
        return server.getsockname()

    def connect(self, address):
        """A connection to HOST:PORT, or to a path."""
        client = socket.socket(socket.AF_UNIX if address.startswith("/") else socket.AF_INET)
        self.addCleanup(client.close)
        client.settimeout(PATIENCE)
        host, _, port = address.rpartition(":")
        client.connect((host, int(port)) if host else address)
        return client

    def socat(self, *words):
        running = Running(["socat", *words])
        self.addCleanup(running.clear)
        return running

    def eventually(self, condition, what):
        deadline = time.monotonic() + PATIENCE
        while not condition():
            self.assertLess(time.monotonic(), deadline, what)
            time.sleep(0.01)


def text(address):
    """An address of Python's as the library writes it."""
    return f"{address[0]}:{address[1]}"


def read_all(connection):
    """What comes until the end of the stream."""
    data = b""
    while part := connection.recv(65536):
        data += part
    return data


def read_line(connection):
    """One line, byte by byte: what follows stays where it is."""
    data = b""
    while not data.endswith(b"\n"):
        part = connection.recv(1)
        if not part:
            raise AssertionError(f"the stream ended after {data!r}")
        data += part
    return data.decode()[:-1]


def is_root():
    return os.geteuid() == 0
