"""The programs under test: starting them, what the system knows of them, and ending them, within bounds."""

import os
import re
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

# Generous: the machine may be busy with other things, and what takes longer hangs.
PATIENCE = 20
TICKS = os.sysconf("SC_CLK_TCK")


class Failed(Exception):
    """What is wrong with a program under test."""


def eventually(what, condition, patience=PATIENCE):
    """Waits until a condition holds, and returns what it returned."""
    end = time.monotonic() + patience
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise Failed(f"{what}: not within {patience} s")
        time.sleep(0.01)


class Process:
    """A program with its output in files, so that it never waits for somebody who reads."""

    def __init__(self, words, directory, name, stdin=subprocess.DEVNULL, **options):
        self._out, self._err = Path(directory, f"{name}.out"), Path(directory, f"{name}.err")
        with open(self._out, "wb") as out, open(self._err, "wb") as err:
            self._process = subprocess.Popen(list(map(str, words)), stdin=stdin, stdout=out, stderr=err, **options)
        self.pid = self._process.pid
        self.stdin = self._process.stdin

    @property
    def output(self):
        return self._out.read_text(errors="replace")

    @property
    def errors(self):
        return self._err.read_text(errors="replace").splitlines()

    @property
    def status(self):
        """The exit status, negative for a signal, or None for as long as it runs."""
        return self._process.poll()

    @property
    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    @property
    def memory(self):
        """The resident bytes."""
        return self._memory("VmRSS")

    @property
    def most_memory(self):
        """The most that there have been."""
        return self._memory("VmHWM")

    def _memory(self, field):
        return int(re.search(field + r":\s+(\d+)", self._proc("status"))[1]) * 1024

    @property
    def cpu(self):
        """Seconds on a processor."""
        fields = self._proc("stat").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    @property
    def threads(self):
        return [int(name) for name in os.listdir(f"/proc/{self.pid}/task")]

    def tracer(self, thread):
        try:
            text = Path(f"/proc/{self.pid}/task/{thread}/status").read_text()
        except OSError:
            return 0
        return int(re.search(r"TracerPid:\s+(\d+)", text)[1])

    def signal(self, number):
        self._process.send_signal(number)

    def wait(self, patience=PATIENCE):
        try:
            return self._process.wait(patience)
        except subprocess.TimeoutExpired:
            raise Failed(f"process does not end within {patience} s") from None

    def end(self):
        """Whatever it is doing."""
        if self.status is None:
            self._process.kill()
            self._process.wait()

    def _proc(self, name):
        return Path(f"/proc/{self.pid}/{name}").read_text()


class Server(Process):
    """An echo-server and where it listens."""

    def __init__(self, programs, directory, mode, endpoints, options=(), wrapper=(), name="server", **popen):
        words = [*wrapper, programs / "echo-server", "--mode", mode, *options, *endpoints]
        super().__init__(words, directory, name, **popen)
        self._count = len(endpoints)

    def listening(self):
        """Waits until it listens; whether it does, and has not ended instead."""
        eventually("listens", lambda: len(self.endpoints) == self._count or self.status is not None)
        return len(self.endpoints) == self._count

    @property
    def endpoints(self):
        complete = self.output.rpartition("\n")[0].splitlines()
        return [line.removeprefix("listening on ") for line in complete if line.startswith("listening on ")]

    def stop(self):
        """Ends it as its users do: it has nothing open, so that the first signal is enough."""
        self.signal(signal.SIGTERM)
        return self.wait()


@contextmanager
def serving(programs, mode, endpoints=("tcp://127.0.0.1:0",), options=(), wrapper=(), **popen):
    """A server that listens, and is gone when the block has ended."""
    with tempfile.TemporaryDirectory(prefix="echo-") as directory:
        server = Server(programs, directory, mode, endpoints, options, wrapper, **popen)
        try:
            if not server.listening():
                raise Failed(f"ends at once: {server.errors}")
            yield server
        finally:
            server.end()


def idle_cpu(process, seconds=0.3):
    """The share of a processor that it uses when nobody asks anything of it: a program that spins has 1."""
    before, begin = process.cpu, time.monotonic()
    time.sleep(seconds)
    return (process.cpu - before) / (time.monotonic() - begin)
