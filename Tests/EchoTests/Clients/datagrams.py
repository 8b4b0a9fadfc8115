"""Sends datagrams of the sizes that are asked for, one after the other; each has to come back whole."""

import os
import sys

import endpoint as endpoints

client = endpoints.connect(sys.argv[1])
for size in map(int, sys.argv[2:]):
    data = os.urandom(size)
    client.send(data)
    received = client.recv(1 << 20)
    assert received == data, "%d bytes for %d" % (len(received), size)
print("echoed", *sys.argv[2:])
