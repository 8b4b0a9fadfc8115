"""Sends a header to an echo server, waits for its greeting, and resets the connection: resetting.py PORT HEADER GREETING."""

import socket
import struct
import sys

peer = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=20)
peer.sendall(sys.argv[2].encode())
greeting = sys.argv[3].encode()
with peer.makefile("rb") as stream:
    assert stream.read(len(greeting)) == greeting
peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
peer.close()
