"""What a server costs that is no time: memory, instructions, allocations, size. These are counts, which another load on
the machine does not change."""

import os
import re
import signal
import socket
import struct
import subprocess
import tempfile
import time
from pathlib import Path

from processes import Failed, running
from servers import filled

_PAYLOAD = bytes(64)
_IDLE_CONNECTIONS = 1000


def memory_per_connection(server, places):
    """Bytes of its own that each of many connections adds which have echoed once and are silent since."""
    with running(server.arguments(places)) as process:
        connections = []
        try:
            _echo(process, connections)
            before = _proportional_set_size(process.pid)
            for _ in range(_IDLE_CONNECTIONS):
                _echo(process, connections)
            return (_proportional_set_size(process.pid) - before) / _IDLE_CONNECTIONS
        except OSError as error:
            raise Failed(str(error)) from None
        finally:
            for connection in connections:
                connection.close()


def instructions_per_request(server, places):
    """User-space instructions, by callgrind: of a long run less those of a short one."""
    return _difference(lambda requests: _instructions(server, places, requests), 200, 1200)


def allocations_per_request(server, places):
    return _difference(lambda requests: _allocations(server, places, requests), 200, 1200)


def sizes(server, places):
    """Bytes of the program, and of the same without symbols."""
    if server.is_script:
        raise Failed("a script")
    program = Path(server.arguments(places)[0])
    with tempfile.TemporaryDirectory() as directory:
        return program.stat().st_size, _stripped(program, directory).stat().st_size


def clean_build_seconds(build, places):
    """How long a build takes that finds nothing but its sources."""
    with tempfile.TemporaryDirectory(dir=places["scratch"]) as directory:
        places = {**places, "new": directory}
        for command in build.preparation, build.command:
            started = time.monotonic()
            try:
                subprocess.run(
                    filled(command, places), check=True, timeout=1200, stdout=subprocess.DEVNULL
                )
            except (OSError, subprocess.SubprocessError) as error:
                raise Failed(str(error)) from None
        return time.monotonic() - started


def _difference(count, fewer, more):
    return (count(more) - count(fewer)) / (more - fewer)


def _instructions(server, places, requests):
    # Under valgrind all is fifty times slower, and Python takes seconds to begin.
    valgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    with tempfile.TemporaryDirectory() as directory:
        arguments = server.arguments(places)
        if not server.is_script:
            # Debian's valgrind stumbles over the debugging information of Swift 6.
            arguments[0] = _stripped(arguments[0], directory)
        with running(arguments, wrapper=valgrind, patience=60) as process:
            # The signal comes before the connection ends, which wakes up a server that valgrind lets sleep through it.
            _echo_times(process, requests, at_the_end=lambda: os.kill(process.pid, signal.SIGTERM))
            return _collected(process)


def _collected(process):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        process.errors.seek(0)
        if found := re.search(r"Collected : (\d+)", process.errors.read()):
            return int(found[1])
        time.sleep(0.05)
    raise Failed("callgrind counts nothing")


def _stripped(program, directory):
    """A copy without symbols."""
    copy = Path(directory, "stripped")
    try:
        subprocess.run(["strip", "-o", copy, program], check=True, capture_output=True, timeout=60)
    except subprocess.SubprocessError:
        raise Failed("not built") from None
    return copy


def _allocations(server, places, requests):
    with tempfile.NamedTemporaryFile() as shared:
        shared.write(bytes(8))
        shared.flush()
        environment = {"LD_PRELOAD": f"{places['c']}/count_allocations.so", "ALLOCATION_COUNT": shared.name}
        with running(server.arguments(places), environment=environment) as process:
            _echo_times(process, requests)
        return struct.unpack("=Q", Path(shared.name).read_bytes())[0]


def _echo_times(process, requests, at_the_end=lambda: None):
    connections = []
    try:
        _echo(process, connections)
        for _ in range(requests):
            _exchange(connections[0])
        at_the_end()
    except OSError as error:
        raise Failed(str(error)) from None
    finally:
        for connection in connections:
            connection.close()


def _echo(process, connections):
    """Adds a connection that has echoed once."""
    connection = socket.create_connection(process.address, timeout=30)
    connections.append(connection)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    _exchange(connection)


def _exchange(connection):
    connection.sendall(_PAYLOAD)
    missing = len(_PAYLOAD)
    while missing:
        received = connection.recv(missing)
        if not received:
            raise ConnectionError("the server closed the connection")
        missing -= len(received)


def _proportional_set_size(pid):
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Pss: +(\d+) kB", text, re.MULTILINE)[1]) * 1024
