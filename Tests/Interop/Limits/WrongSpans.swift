//: error type 'Span<UInt8>' does not conform to protocol 'Escapable'
func count(_ parts: [Span<UInt8>]) -> Int { parts.count }
