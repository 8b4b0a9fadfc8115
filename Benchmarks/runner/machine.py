"""Where figures come from."""

import platform
import re
import subprocess
import time
from pathlib import Path

from processes import LOAD_CORE, SERVER_CORE
from servers import filled

# What tells the version of each: a program whose output has it, and where.
_VERSIONS = [
    ("Swift", "swift --version", r"Swift version (\S+)"),
    ("C compiler", "{clang} --version", r"(clang version \S+)"),
    ("glibc", "getconf GNU_LIBC_VERSION", r"glibc (\S+)"),
    ("liburing", "dpkg-query --show liburing-dev", r"\t(\S+)"),
    ("libuv", "dpkg-query --show libuv1-dev", r"\t(\S+)"),
    ("valgrind", "valgrind --version", r"valgrind-(\S+)"),
    ("Python", "{python} --version", r"Python (\S+)"),
    ("uvloop", "{python} -m pip show uvloop", r"Version: (\S+)"),
]


def facts(places):
    """Pairs of a name and what it is here."""
    found = [
        ("Date", time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())),
        ("Processor", f"{_processor()}, {_cores()}"),
        ("Kernel", f"{platform.system()} {platform.release()}"),
        ("swift-sockets", _run("git -C {root} describe --always --dirty", r"(\S+)", places)),
    ]
    found += [(name, _run(command, pattern, places)) for name, command, pattern in _VERSIONS]
    package = Path(places["root"], "Benchmarks/Package.swift").read_text()
    found += re.findall(r'/([\w-]+)", exact: "([^"]+)"', package)
    return found


def _processor():
    found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.machine()


def _cores():
    if SERVER_CORE == LOAD_CORE:
        return "one core, which server and load share"
    return f"server on core {SERVER_CORE}, load on core {LOAD_CORE}"


def _run(command, pattern, places):
    try:
        output = subprocess.run(filled(command, places), capture_output=True, text=True, timeout=30).stdout
    except (OSError, subprocess.SubprocessError):
        output = ""
    found = re.search(pattern, output)
    return found[1] if found else "unknown"
