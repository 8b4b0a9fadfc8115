//: prints [7, 7]
import Sum

func filled() -> [UInt8] {
  var bytes: [UInt8] = [1, 2]
  var span = bytes.mutableSpan
  fill(&span)
  return bytes
}

print(filled())
