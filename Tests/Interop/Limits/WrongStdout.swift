//: error reference to var 'stdout' is not concurrency-safe because it involves shared mutable state
import Glibc

fputs("hello", stdout)
