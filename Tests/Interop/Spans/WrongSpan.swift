//: error lifetime-dependent variable 'kept' escapes its scope
import Sum

func header() -> Int {
  var kept = Span<UInt8>()
  do {
    let bytes = [UInt8](repeating: 1, count: 64)
    kept = bytes.span
  }
  return sum(kept)
}
