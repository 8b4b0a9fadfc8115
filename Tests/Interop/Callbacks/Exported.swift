//: exports exported.h
//: with caller.c
//: prints 42
import Caller

/// Twice the number.
@c(twice) public func double(_ number: Int32) -> Int32 { 2 * number }

print(call_twice(21))
