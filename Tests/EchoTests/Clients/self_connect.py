"""Connects, and says whether it is with itself."""

import sys

import endpoint as endpoints

connection = endpoints.connect(sys.argv[1])
if connection.getsockname() == connection.getpeername():
    print("connected with itself")
