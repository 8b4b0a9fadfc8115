"""An echo server, faithful for so many messages: then it changes a byte of each, closes its connections or is silent.

    echo.py ENDPOINT MESSAGES change|close|silence
"""

import select
import socket
import sys

import endpoint as endpoints

endpoint, faithful, then = sys.argv[1], int(sys.argv[2]), sys.argv[3]
family, kind, address = endpoints.parse(endpoint)
listener = socket.socket(family, kind)
listener.bind(address)
if kind == socket.SOCK_STREAM:
    listener.listen(128)
print("listening on", endpoints.describe(listener), flush=True)
sockets = [listener]
count = 0
while True:
    ready, _, _ = select.select(sockets, [], [], endpoints.PATIENCE)
    if not ready:
        sys.exit("nobody came")
    for one in ready:
        if one is listener and kind == socket.SOCK_STREAM:
            sockets.append(one.accept()[0])
            continue
        try:
            message, sender = one.recvfrom(1 << 20)
        except ConnectionError:
            message, sender = b"", None
        if kind == socket.SOCK_STREAM and not message:
            sockets.remove(one)
            one.close()
            continue
        count += 1
        if count > faithful:
            if then == "close":
                sys.exit()
            if then == "silence":
                continue
            message = message[:-1] + bytes([message[-1] ^ 1])
        try:
            if kind == socket.SOCK_STREAM:
                one.sendall(message)
            else:
                one.sendto(message, sender)
        except OSError:
            pass
