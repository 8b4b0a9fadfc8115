"""Many clients send a datagram each before any of them receives; each has to receive its own."""

import sys

import endpoint as endpoints

clients = [endpoints.connect(sys.argv[1]) for _ in range(int(sys.argv[2]))]
for number, client in enumerate(clients):
    client.send(b"I am %d" % number)
for number, client in enumerate(clients):
    received = client.recv(65536)
    assert received == b"I am %d" % number, received
print("echoed", len(clients))
