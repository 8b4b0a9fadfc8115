//: error cannot find 'FD_SET' in scope
import Glibc

var set = fd_set()
FD_SET(3, &set)
