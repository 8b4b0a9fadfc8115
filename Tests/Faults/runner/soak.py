"""Mixed load on a server of each mode, and whether memory, descriptors and latency stay flat: see Scripts/soak.sh."""

import argparse
import resource
import socket
import statistics
import struct
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import talk
from exhaustion import MEBIBYTE, MODES
from processes import PATIENCE, Failed, Process, Server, eventually

# What echo-client bench does meanwhile: its options, and which of the server's endpoints it has.
LOAD = {
    "tcp": (["--connections", "20", "--rate", "400"], 0),
    "large": (["--connections", "4", "--rate", "40", "--payload", "65536"], 0),
    "udp": (["--connections", "4", "--rate", "200"], 1),
    "unix": (["--connections", "8", "--rate", "200"], 2),
    # Over a Unix socket: the ports of so many connections would be used up.
    "churn": (["--connections", "1", "--churn"], 2),
}
# How much the last quarter may be above the second one; the first one is for warming up.
GROWTH, MEMORY_SLACK = 1.1, 4 * MEBIBYTE
SLOWER, LATENCY_SLACK = 3, 0.1


def main():
    parser = argparse.ArgumentParser(prog="soak.sh", description="Mixed load for a while: is everything flat?")
    parser.add_argument("seconds", nargs="?", type=int, default=30, metavar="SECONDS", help="how long (default: 30)")
    parser.add_argument("--programs", type=Path, required=True, help=argparse.SUPPRESS)
    settings = parser.parse_args()
    if settings.seconds < 8:
        parser.error("8 seconds at least: what is measured is quarters of the time")
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with ExitStack() as stack:
        soaked = [Soaked(settings.programs, mode, stack) for mode in MODES]
        for one in soaked:
            one.begin(settings.seconds)
        failures = [f"{one.mode}: {failure}" for one in soaked for failure in one.finish()]
    for failure in failures:
        print(f"FAILED  {failure}")
    sys.exit(1 if failures else 0)


class Soaked:
    """A server under load."""

    def __init__(self, programs, mode, stack):
        self.mode = mode
        self._programs = programs
        self._directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="echo-"))
        endpoints = ["tcp://127.0.0.1:0", "udp://127.0.0.1:0", f"unix://{self._directory}/echo.sock"]
        self._server = Server(programs, self._directory, mode, endpoints, ["--quiet"])
        stack.callback(self._server.end)
        self._stack = stack
        # Each with the share of the time that had passed.
        self._memory, self._latency = [], []
        self._fates = set()

    def begin(self, seconds):
        if not self._server.listening():
            raise Failed(f"{self.mode}: does not begin: {self._server.errors}")
        talk.stream(self._server.endpoints[0])
        self._descriptors = self._server.descriptors
        self._loads = {}
        for name, (options, kind) in LOAD.items():
            words = [self._programs / "echo-client", "bench", "--quiet", "--duration", seconds, "--warmup", 0, *options]
            self._loads[name] = Process([*words, self._server.endpoints[kind]], self._directory, name)
            self._stack.callback(self._loads[name].end)
        self._begun, self._seconds = time.monotonic(), seconds
        self._threads = [threading.Thread(target=run, args=[seconds]) for run in (self._watch, self._harm)]
        for thread in self._threads:
            thread.start()

    def _until(self, seconds):
        """The share of the time that has passed, again and again until all of it has."""
        while (passed := (time.monotonic() - self._begun) / seconds) < 1 and self._server.status is None:
            yield passed

    def _watch(self, seconds):
        for passed in self._until(seconds):
            begin = time.monotonic()
            self._fates.add(talk.stream(self._server.endpoints[0]))
            self._latency.append((passed, time.monotonic() - begin))
            self._memory.append((passed, self._server.memory))
            time.sleep(0.05)

    def _harm(self, seconds):
        """Clients that do not read, that go in the middle, and that say nothing."""
        for _ in self._until(seconds):
            try:
                with ExitStack() as stack:
                    for number in range(10):
                        client = stack.enter_context(talk.connected(self._server.endpoints[0]))
                        client.setblocking(False)
                        if number % 3:
                            client.send(bytes(200_000))
                        if number % 2:
                            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    time.sleep(0.2)
            except OSError:
                # The well-behaved client says whether the server is there.
                pass

    def finish(self):
        """Waits for the end; what is wrong, one line each."""
        for thread in self._threads:
            thread.join()
        failures = []
        if self._server.status is not None:
            return [f"ended with {self._server.status}: {self._server.errors[-1:]}"]
        for name, load in self._loads.items():
            if load.wait() != 0:
                failures.append(f"{name}: {load.errors[-1:]}")
        if self._fates != {talk.SERVED}:
            failures.append(f"well-behaved clients: {self._fates}")
        failures += self._flat("memory", self._memory, GROWTH, MEMORY_SLACK, lambda size: f"{size / MEBIBYTE:.1f} MiB")
        failures += self._flat("latency", self._latency, SLOWER, LATENCY_SLACK, lambda time: f"{time * 1000:.1f} ms")
        try:
            eventually("descriptors", lambda: self._server.descriptors <= self._descriptors)
        except Failed:
            failures.append(f"{self._server.descriptors} descriptors after {PATIENCE} s, {self._descriptors} before")
        if (status := self._server.stop()) != 0:
            failures.append(f"ends with {status}: {self._server.errors[-1:]}")
        return failures

    def _flat(self, what, samples, factor, slack, text):
        def median(begin, end):
            return statistics.median(value for passed, value in samples if begin <= passed < end)

        early, late = median(0.25, 0.5), median(0.75, 1)
        print(f"        {self.mode}: {what} {text(early)}, later {text(late)}", flush=True)
        return [f"{what} grows from {text(early)} to {text(late)}"] if late > early * factor + slack else []


main()
