"""The servers that are measured: one line each."""

from dataclasses import dataclass


def filled(command, places):
    """The arguments of a command in which names in braces stand for places."""
    return [argument.format(**places) for argument in command.split()]


@dataclass(frozen=True)
class Server:
    name: str
    # {ours}, {peers}, {c}, {python} and {scripts} stand for where such programs are. Each listens on a port that the
    # system chooses and prints "listening on ENDPOINT".
    command: str
    # Whether it is part of the quick table.
    quick: bool = False
    # Another server that it is compared to as well.
    rival: str = ""

    @property
    def is_script(self):
        return self.command.startswith("{python} ")

    def arguments(self, places):
        return filled(self.command, places)


def ours(mode):
    return "{ours}/echo-server --no-welcome --quiet --mode " + mode


TCP = [
    # The first is what the others are compared to.
    Server("C epoll", "{c}/epoll", quick=True),
    Server("C threads", "{c}/threads", quick=True),
    Server("C io_uring", "{c}/io_uring"),
    Server("Sockets, threads", ours("threads tcp://127.0.0.1:0"), quick=True, rival="C threads"),
    Server("Sockets, poll", ours("poll tcp://127.0.0.1:0"), quick=True),
    Server("Sockets, async", ours("async tcp://127.0.0.1:0"), quick=True),
    Server("Sockets, handler", ours("handler tcp://127.0.0.1:0"), quick=True),
    Server("SwiftNIO, handler", "{peers}/nio-handler", quick=True),
    Server("SwiftNIO, NIOAsyncChannel", "{peers}/nio-async-channel"),
    Server("FlyingSocks", "{peers}/flying-socks", quick=True),
    Server("libuv", "{c}/libuv"),
    Server("uvloop", "{python} {scripts}/uvloop_echo.py"),
]

# Loops that look for work so long before they sleep.
BUSY = [
    Server("C epoll", "{c}/epoll"),
    *(
        Server(f"Sockets, async, busy polling {time} µs" if time else "Sockets, async", ours(f"async {options}"))
        for time in (0, 20, 50, 100, 1000)
        for options in [f"--busy-poll {time} tcp://127.0.0.1:0"]
    ),
]

UDP = [
    Server("C recvfrom, sendto", "{c}/udp simple"),
    Server("C recvmmsg, sendmmsg", "{c}/udp batch"),
    Server("C GRO, GSO", "{c}/udp segmented"),
    Server("Sockets, poll", ours("poll udp://127.0.0.1:0")),
    Server("Sockets, async", ours("async udp://127.0.0.1:0")),
    Server("SwiftNIO", "{peers}/nio-datagrams"),
]


@dataclass(frozen=True)
class Build:
    name: str
    # {new} stands for an empty directory. Only the command is timed.
    preparation: str
    command: str


def swift_build(name, package, what):
    options = f"--package-path {package} --scratch-path {{new}}"
    return Build(name, f"swift package {options} resolve", f"swift build --configuration release {options} {what}")


BUILDS = [
    Build("C epoll", "true", "{clang} -O2 {c_sources}/epoll.c -o {new}/epoll"),
    swift_build("Sockets, the library", "{root}", "--target Sockets"),
    swift_build("Sockets, echo-server", "{root}", "--product echo-server"),
    swift_build("SwiftNIO, handler", "{root}/Benchmarks", "--product nio-handler"),
    swift_build("FlyingSocks", "{root}/Benchmarks", "--product flying-socks"),
]
