"""Does to sockets what each line of the input says, and answers each with a line: "ok RESULT", or the error."""

import select
import socket
import struct
import sys

import endpoint as endpoints

PATTERN = bytes(range(251)) * 261  # 65511 bytes: no power of two, so that a shift by one is seen

sockets = {}


def connect(name, endpoint):
    sockets[name] = endpoints.connect(endpoint)


def unnamed(name):
    sockets[name] = endpoints.new(socket.AF_UNIX, socket.SOCK_DGRAM)


def bind(name, endpoint):
    family, kind, address = endpoints.parse(endpoint)
    made = endpoints.new(family, kind)
    made.bind(address)
    sockets[name] = made
    return endpoints.describe(made)


def listen(name, endpoint):
    described = bind(name, endpoint)
    if sockets[name].type == socket.SOCK_STREAM:
        sockets[name].listen()
    return described


def accept(name, listener):
    sockets[name], _ = sockets[listener].accept()
    sockets[name].settimeout(endpoints.PATIENCE)


def address(name):
    return endpoints.describe(sockets[name]).split("://", 1)[1]


def end(name):
    sockets[name].shutdown(socket.SHUT_WR)


def close(name):
    sockets.pop(name).close()


def reset(name):
    sockets[name].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    close(name)


def send(name, data):
    sockets[name].sendall(bytes.fromhex(data))


def sendto(name, endpoint, data):
    sockets[name].sendto(bytes.fromhex(data), endpoints.parse(endpoint)[2])


def receive(name, count):
    return endpoints.receive_exactly(sockets[name], int(count)).hex()


def rest(name):
    return endpoints.receive_rest(sockets[name]).hex()


def poll(name, events, seconds):
    waiting = select.poll()
    waiting.register(sockets[name], events)
    return waiting.poll(seconds * 1000)


def readable(name):
    return "yes" if poll(name, select.POLLIN, 0) else "no"


def ended(name):
    # Hang-ups and errors are reported whether asked for or not.
    if not poll(name, select.POLLRDHUP, endpoints.PATIENCE):
        raise TimeoutError("the connection is still open")


def flood(name, limit):
    flooded = sockets[name]
    flooded.setblocking(False)
    sent = 0
    # Room that comes while the other end moves bytes is used; half a second without any is the end.
    while sent < int(limit) and poll(name, select.POLLOUT, 0.5):
        try:
            start = sent % len(PATTERN)
            sent += flooded.send(PATTERN[start:] if start else PATTERN)
        except BlockingIOError:
            pass
    flooded.settimeout(endpoints.PATIENCE)
    return sent


def drain(name, greeting, count):
    expected = bytes.fromhex(greeting)
    received = endpoints.receive_exactly(sockets[name], len(expected))
    if received != expected:
        raise ValueError("greeted with %r" % received)
    position = 0
    while position < int(count):
        part = sockets[name].recv(min(int(count) - position, len(PATTERN)))
        start = position % len(PATTERN)
        if not part or part != (PATTERN + PATTERN)[start : start + len(part)]:
            raise ValueError("not what was sent, from byte %d on" % position)
        position += len(part)


COMMANDS = {
    function.__name__: function
    for function in (
        accept, address, bind, close, connect, drain, end, ended, flood, listen, readable, receive, reset, rest, send,
        sendto, unnamed,
    )
}

for line in sys.stdin:
    command, *arguments = line.rstrip("\n").split("\t")
    try:
        result = COMMANDS[command](*arguments)
        print("ok", "" if result is None else result)
    except OSError as error:
        print(endpoints.name_of(error))
    except ValueError as error:
        print(error)
