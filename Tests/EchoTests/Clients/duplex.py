"""Sends random bytes and receives at the same time; what comes back has to be the same, behind the greeting."""

import os
import sys
import threading

import endpoint as endpoints

connection = endpoints.connect(sys.argv[1])
size = int(sys.argv[2])
data = os.urandom(size)


def send():
    connection.sendall(data)
    connection.shutdown(endpoints.socket.SHUT_WR)


sender = threading.Thread(target=send)
sender.start()
greeting = endpoints.receive_exactly(connection, len(endpoints.GREETING))
assert greeting == endpoints.GREETING, greeting
received = endpoints.receive_rest(connection)
sender.join()
assert received == data, "%d bytes came back, of which not all are right" % len(received)
print("intact", size)
