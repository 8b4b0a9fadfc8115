"""Hands sockets over to a program, as a service manager does, and prints what that tells it.

activate.py SOCKET... -- PROGRAM ARGUMENT...: a SOCKET is tcp, udp, unix:PATH, unixgram:PATH, connected (a stream that
does not listen) or file (no socket at all). NOTIFY in the environment is the name of the socket for notifications, with
@ before an abstract one. Prints `notified LINE` for each line of each datagram, and a final `ended STATUS`. SIGTERM is
passed on. With PORTS in the environment, `port NUMBER` comes first for each TCP or UDP socket.
"""

import os
import signal
import socket
import subprocess
import sys
import threading


def made(kind):
    name, _, path = kind.partition(":")
    if name == "connected":
        return socket.socketpair()[0]
    if name == "file":
        return open("/dev/null")
    stream = name in ("tcp", "unix")
    family = socket.AF_UNIX if path else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM if stream else socket.SOCK_DGRAM)
    made.bind(path or ("127.0.0.1", 0))
    if stream:
        made.listen()
    return made


split = sys.argv.index("--")
sockets = [made(kind) for kind in sys.argv[1:split]]
if os.environ.get("PORTS"):
    for each in sockets:
        print("port", each.getsockname()[1])
name = os.environ.get("NOTIFY")
environment = dict(os.environ)
if name:
    notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notified.bind("\0" + name[1:] if name[0] == "@" else name)
    environment["NOTIFY_SOCKET"] = name


def hand_over():
    # Above those that they become, so that none is in another's way.
    copies = [os.dup2(each.fileno(), 100 + index) for index, each in enumerate(sockets)]
    for index, copy in enumerate(copies):
        os.dup2(copy, 3 + index)
    for descriptor in range(3 + len(copies), 200):
        try:
            os.close(descriptor)
        except OSError:
            pass


environment["LISTEN_FDS"] = str(len(sockets))
# The number is that of the process that the shell becomes.
shell = 'export LISTEN_PID=$$; exec "$0" "$@"'
program = subprocess.Popen(
    ["sh", "-c", shell, *sys.argv[split + 1 :]], preexec_fn=hand_over, close_fds=False, env=environment
)
signal.signal(signal.SIGTERM, lambda *_: program.send_signal(signal.SIGTERM))


def listen():
    while True:
        data = notified.recv(4096)
        if data == b"END":
            return
        for line in data.decode().split("\n"):
            print("notified", line)


if name:
    listener = threading.Thread(target=listen)
    listener.start()
status = program.wait()
if name:
    end = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    end.sendto(b"END", notified.getsockname())
    listener.join()
    # The sockets are as they were: who hands them over again finds them whole.
    for each in sockets:
        if isinstance(each, socket.socket) and each.type == socket.SOCK_DGRAM:
            sender = socket.socket(each.family, socket.SOCK_DGRAM)
            sender.sendto(b"next", each.getsockname())
            each.settimeout(10)
            print("kept", each.recv(16).decode())
print("ended", status)
