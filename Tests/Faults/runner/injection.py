"""Has a system call of a real program fail, and sees what becomes of the program and its clients."""

import os
import re
import signal
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import talk
from faults import ENDS, LOSES, OUTCOMES, RECOVERS, START
from processes import Failed, Process, Server, eventually, idle_cpu

MODES = ["threads", "poll", "async", "handler"]
# How a client is started: its options, the kind of endpoint, and what it is to print in the end.
SESSIONS = {
    "tcp": ([], 0, "received:world\n"),
    "udp": ([], 1, "received:world\n"),
    "unix": ([], 2, "received:world\n"),
    "raw": (["--raw"], 0, "hello\nworld\n"),
    "bench": ("bench --connections 3 --duration 0.3 --warmup 0.1 --quiet".split(), 0, "requests"),
}


@dataclass(frozen=True)
class Case:
    """One run: a program, and a call of it that fails."""

    program: str
    # Of the server its mode, of the client its session.
    variant: str
    call: str
    # The error, or a delay.
    what: str
    place: str
    times: str
    worst: str

    @property
    def injection(self):
        what = "delay_enter=20ms" if self.what == "delay" else f"error={self.what}"
        return f"inject={self.call}:{what}:when={self.times}"


@dataclass
class Outcome:
    """What became of a case: one of the outcomes, or that the call was never made so often."""

    kind: str
    said: str = ""
    # Why it is not right.
    wrong: str = ""


def strace(case, trace, *more):
    # -I 2: it lets go when it is told to.
    return ["strace", "-f", "-qq", "-I", "2", "-o", trace, "-e", f"trace={case.call}", "-e", case.injection, *more]


def injected(trace):
    text = Path(trace).read_text(errors="replace") if Path(trace).exists() else ""
    return text.count("(INJECTED)") + text.count("(DELAYED)")


def endpoints(directory):
    return ["tcp://127.0.0.1:0", "udp://127.0.0.1:0", f"unix://{directory}/echo.sock"]


class Injector:
    def __init__(self, programs):
        self._programs = programs
        # How many descriptors a server has that nothing has happened to, after the same clients.
        self._resting = {mode: self._measure(mode) for mode in MODES}
        # For the clients that fail.
        self._directory = tempfile.TemporaryDirectory(prefix="echo-")
        self._healthy = Server(programs, self._directory.name, "poll", endpoints(self._directory.name), ["--quiet"])
        self._healthy.listening()

    def finish(self):
        """Ends the server that clients have failed with; what is wrong with it."""
        try:
            clients(self._healthy.endpoints, 1)
            eventually("descriptors", lambda: self._healthy.descriptors <= self._resting["poll"])
            status = self._healthy.stop()
            return f"the clients' server ends with {status}" if status else ""
        except Failed as failure:
            return f"the clients' server: {failure}"
        finally:
            self._healthy.end()
            self._directory.cleanup()

    def run(self, case):
        try:
            with tempfile.TemporaryDirectory(prefix="echo-") as directory:
                return (self._server if case.program == "echo-server" else self._client)(case, directory)
        except Failed as failure:
            return Outcome(ENDS, wrong=str(failure))

    def _measure(self, mode):
        with tempfile.TemporaryDirectory(prefix="echo-") as directory:
            server = Server(self._programs, directory, mode, endpoints(directory))
            try:
                server.listening()
                clients(server.endpoints)
                settled = server.descriptors
                # The last connection may still be closing.
                eventually("a server at rest", lambda: self._is_settled(server))
                return min(settled, server.descriptors)
            finally:
                server.end()

    def _is_settled(self, server):
        before = server.descriptors
        time.sleep(0.1)
        return server.descriptors == before

    def _server(self, case, directory):
        trace = directory + "/trace"
        isTraced = case.place == START
        # -D: the server is our own child, and goes on when its tracer is gone.
        wrapper = strace(case, trace, "-D") if isTraced else []
        server = Server(self._programs, directory, case.variant, endpoints(directory), wrapper=wrapper)
        tracer = None
        try:
            isListening = server.listening()
            if not isTraced and isListening:
                tracer = attach(case, trace, server, directory)
            # An injected close does not close: no client hears of the end.
            fates = clients(server.endpoints, toEnd=case.call != "close") if isListening else []
            share = idle_cpu(server) if server.status is None else 0
            detach(server, tracer)
            return self._judged(case, server, fates, share, trace)
        finally:
            server.end()
            if tracer:
                tracer.end()

    def _judged(self, case, server, fates, share, trace):
        count = injected(trace)
        wrong = []
        if not count:
            wrong += ["never made"] if server.errors or set(fates) - {talk.SERVED} else []
        if talk.HANGS in fates:
            wrong.append("a client hangs")
        if server.status is None:
            kind = LOSES if set(fates) - {talk.SERVED} else RECOVERS
            wrong += self._living(case, server, share, count)
        else:
            kind = ENDS
            if server.status != 1:
                wrong.append(f"ends with {server.status}")
        lines = server.errors
        wrong += [f"says: {line}" for line in lines if not re.fullmatch(r"echo-server: .+ \(E[A-Z0-9]+\)", line)]
        if kind == ENDS and not any(case.what in line or reworded(case, line) for line in lines):
            wrong.append(f"does not say why: {lines}")
        if kind == LOSES and not lines and case.what != "ECONNRESET":
            wrong.append("loses something and does not say so")
        if OUTCOMES.index(kind) > OUTCOMES.index(case.worst):
            wrong.append(f"{kind}: {lines[:1]} {fates}")
        if count == 0 and not wrong:
            return Outcome("")
        return Outcome(kind, lines[0] if lines else "", "; ".join(wrong))

    def _living(self, case, server, share, count):
        """What is wrong with a server that goes on, when nothing fails any more."""
        wrong = []
        if share > 0.3:
            wrong.append(f"spins: {share:.0%} of a processor while nothing happens")
        fates = clients(server.endpoints, 1)
        if server.status is not None:
            return wrong + [f"ends afterwards: {server.errors}"]
        if set(fates) != {talk.SERVED}:
            wrong.append(f"the next clients: {fates}")
        # What an injected close leaves open is not the server's fault.
        allowed = self._resting[case.variant] + (count if case.call == "close" else 0)
        try:
            eventually("descriptors", lambda: server.descriptors <= allowed, 5)
        except Failed:
            wrong.append(f"{server.descriptors - allowed} descriptors are left")
        status = server.stop()
        if status != 0:
            wrong.append(f"ends with {status} when told to stop: {server.errors}")
        # For the judgement it lived.
        server._process.returncode = None if status == 0 else status
        return wrong

    def _client(self, case, directory):
        trace = directory + "/trace"
        options, kind, last = SESSIONS[case.variant]
        words = strace(case, trace, "--seccomp-bpf", self._programs / "echo-client", *options)
        typed = Path(directory, "typed")
        typed.write_text("hello\nworld\n")
        with open(typed, "rb") as stdin:
            client = Process([*words, self._healthy.endpoints[kind]], directory, "client", stdin)
        try:
            status = client.wait()
        finally:
            client.end()
        # strace has something to say itself where a thread ends while a call of it is held up.
        lines, count = [line for line in client.errors if not line.startswith("strace: ")], injected(trace)
        wrong = [f"says: {line}" for line in lines if not line.startswith("echo-client: ")]
        if status == 0:
            kind = RECOVERS
            if lines or last not in client.output:
                wrong.append(f"is not told everything: {client.output[-100:]!r} {lines}")
        else:
            kind = ENDS
            if status != 1 or len(lines) != 1 or case.what not in lines[0] and not reworded(case, lines[0]):
                wrong.append(f"ends with {status}: {lines}")
        if OUTCOMES.index(kind) > OUTCOMES.index(case.worst):
            wrong.append(f"{kind}: {lines}")
        if count == 0 and not wrong:
            return Outcome("")
        return Outcome(kind, lines[0] if lines else "", "; ".join(wrong))


def reworded(case, line):
    """What is said in other words: by the client, that the server is gone; by the C library, that there is no thread."""
    if case.call == "clone3":
        return "(EAGAIN)" in line
    return case.what in ("EPIPE", "ECONNRESET") and line.endswith(": the server closed the connection")


def clients(endpoints, count=3, toEnd=True):
    """Well-behaved clients one after the other: how each fared."""
    tcp, udp, unix = endpoints
    fates = [talk.stream(tcp, patience=8, toEnd=toEnd) for _ in range(count)]
    fates += [talk.stream(unix, patience=8, toEnd=toEnd) for _ in range(count)]
    # One of six may meet a failure, and a datagram that is lost is waited for in vain.
    return fates + [talk.datagram(udp) for _ in range(2 * count)]


def attach(case, trace, server, directory):
    tracer = Process(strace(case, trace, "-p", server.pid), directory, "strace")
    eventually(
        "strace attaches",
        lambda: tracer.status is not None or all(server.tracer(thread) for thread in server.threads),
    )
    if tracer.status is not None:
        # Either the server has ended of its first failure, or there is no tracing here.
        server.wait(2)
    return tracer


def detach(server, tracer):
    """Lets the program go on without failures."""
    if server.status is not None:
        return
    pid = server.tracer(server.pid)
    if pid:
        os.kill(pid, signal.SIGTERM)
        eventually("strace lets go", lambda: server.status is not None or not server.tracer(server.pid))
    if tracer:
        tracer.wait()
