//: error lifetime-dependent variable 'kept' escapes its scope
import Sum

func lastBody() -> Int {
  var kept = Span<UInt8>()
  do {
    let packet: [UInt8] = [1, 2, 3, 4]
    kept = body(packet.span)
  }
  return sum(kept)
}
