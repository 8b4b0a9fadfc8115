"""Starting and ending what is measured, within bounds."""

import os
import select
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass

# A core for the servers and one for the load; on a machine with one, they share it.
_cores = sorted(os.sched_getaffinity(0))
SERVER_CORE, LOAD_CORE = _cores[0], _cores[-1]


class Failed(Exception):
    """Why a server has no figure."""


@dataclass(frozen=True)
class Running:
    pid: int
    # As it says itself: tcp://127.0.0.1:8000.
    endpoint: str
    # What it writes to its standard error.
    errors: object

    @property
    def address(self):
        host, _, port = self.endpoint.partition("://")[2].rpartition(":")
        return host, int(port)


def pinned(core, arguments):
    return ["taskset", "--cpu-list", str(core), *map(str, arguments)]


@contextmanager
def running(arguments, wrapper=(), environment=None, patience=10):
    """A server, which has ended when the block has. Its wrapper is a program that runs it, such as valgrind."""
    with tempfile.TemporaryFile("w+") as errors:
        try:
            process = subprocess.Popen(
                pinned(SERVER_CORE, [*wrapper, *arguments]),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={**os.environ, **(environment or {})},
            )
        except OSError as error:
            raise Failed(str(error)) from None
        try:
            line = _first_line(process.stdout, time.monotonic() + patience)
            if not line.startswith("listening on "):
                raise Failed(_why_silent(process, errors))
            yield Running(process.pid, line.removeprefix("listening on ").strip(), errors)
        finally:
            end(process)
            process.stdout.close()


def end(process):
    """Asks twice, as servers that first finish what is open understand it, then insists."""
    for ask in (process.terminate, process.terminate, process.kill):
        ask()
        try:
            process.wait(5)
            return
        except subprocess.TimeoutExpired:
            continue


def _first_line(pipe, deadline):
    line = b""
    while not line.endswith(b"\n"):
        if not select.select([pipe], [], [], max(0, deadline - time.monotonic()))[0]:
            break
        byte = os.read(pipe.fileno(), 1)
        if not byte:
            break
        line += byte
    return line.decode(errors="replace")


def _why_silent(process, errors):
    try:
        process.wait(1)
    except subprocess.TimeoutExpired:
        return "does not begin to listen"
    errors.seek(0)
    lines = errors.read().strip().splitlines()
    return lines[-1].strip() if lines else f"ends at once, with status {process.returncode}"
