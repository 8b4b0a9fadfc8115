internal import CSockets

/// Whether two ranges have the same bytes, as fast as memory is read: `memcmp(3)`.
public func haveEqualBytes(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
  cs_equal_bytes(left, right) == 1
}
