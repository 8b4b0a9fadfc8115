//: error cannot convert value of type '__socket_type' to expected argument type 'Int32'
import Glibc

let descriptor = socket(AF_INET, SOCK_STREAM, 0)
