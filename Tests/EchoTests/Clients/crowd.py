"""Opens many connections: each echoes when it is opened, and again when all of them are."""

import resource
import sys

import endpoint as endpoints

_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def echo(connection, text):
    connection.sendall(text)
    received = endpoints.receive_exactly(connection, len(text))
    assert received == text, received


connections = []
for number in range(int(sys.argv[2])):
    connection = endpoints.connect(sys.argv[1])
    greeting = endpoints.receive_exactly(connection, len(endpoints.GREETING))
    assert greeting == endpoints.GREETING, greeting
    echo(connection, b"first %d\n" % number)
    connections.append(connection)
print("open", len(connections))
for number, connection in enumerate(connections):
    connection.sendall(b"again %d\n" % number)
for number, connection in enumerate(connections):
    expected = b"again %d\n" % number
    received = endpoints.receive_exactly(connection, len(expected))
    assert received == expected, received
for connection in connections:
    connection.close()
print("echoed", len(connections))
