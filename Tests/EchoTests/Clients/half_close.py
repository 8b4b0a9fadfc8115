"""Opens connections that send 100 bytes each and end their sending side at once; every byte has to come back."""

import sys

import endpoint as endpoints

together = sys.argv[3] == "together"
connections = []
for number in range(int(sys.argv[2])):
    connection = endpoints.connect(sys.argv[1])
    # With MSG_MORE the bytes wait for more, and what comes is the end: both go in one segment.
    connection.send(b"%100d" % number, endpoints.socket.MSG_MORE if together else 0)
    connection.shutdown(endpoints.socket.SHUT_WR)
    connections.append(connection)
for number, connection in enumerate(connections):
    received = endpoints.receive_rest(connection)
    assert received == endpoints.GREETING + b"%100d" % number, (number, received)
    connection.close()
print("complete", len(connections))
