"""Talks to an echo server through a proxy, and prints its own address: proxied.py PORT GREETING."""

import socket
import sys

peer = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=20)
stream = peer.makefile("rwb")
greeting = sys.argv[2].encode()
assert stream.read(len(greeting)) == greeting
stream.write(b"hello\n")
stream.flush()
assert stream.readline() == b"hello\n"
print("%s:%d" % peer.getsockname())
