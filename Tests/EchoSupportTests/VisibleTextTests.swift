import EchoSupport
import Testing

@Suite struct VisibleTextTests {
  @Test(
    "trap 39: what a terminal would act on is made visible, and everything else is left as it is",
    arguments: [
      ([0x68, 0x69, 0x0a, 0x09], "hi\n\t"), ([0x1b, 0x5b, 0x33, 0x31, 0x6d], "\\033[31m"),
      ([0x00, 0x7f, 0x0d, 0x08], "\\000\\177\\015\\010"),
      ([0x5c], "\\134"), (Array("é€🙂".utf8), "é€🙂"),
      // U+009B is a control sequence introducer in UTF-8, and 9B the same without it.
      ([0xc2, 0x9b], "\\302\\233"), ([0x9b], "\\233"), ([0xc2, 0xa0], "\u{a0}"),
    ] as [([UInt8], String)])
  func visibleText(_ bytes: [UInt8], _ text: String) {
    #expect(String(decoding: visible(bytes.span), as: UTF8.self) == text)
  }

  @Test("bytes that are not UTF-8 and no control characters stay as they are")
  func otherBytes() {
    for bytes in [[0xff, 0xfe], [0xe9], [0xe2, 0x82], [0xed, 0xa0], [0xf5, 0xa0]] as [[UInt8]] {
      let shown = visible(bytes.span)
      // Only what is C1 by itself is changed.
      #expect(shown == bytes || bytes.contains { (0x80...0x9f).contains($0) })
    }
    #expect(visible([0xff, 0xfe, 0xe9].span) == [0xff, 0xfe, 0xe9])
  }

  @Test("no byte that a terminal acts on is ever left, whatever the text")
  func random() {
    for _ in 0..<2000 {
      let bytes = (0..<Int.random(in: 0...40)).map { _ in UInt8.random(in: 0...255) }
      var scalars = String(decoding: visible(bytes.span), as: UTF8.self).unicodeScalars
      scalars.removeAll { $0 == "\n" || $0 == "\t" }
      #expect(!scalars.contains { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) }, "\(bytes)")
    }
  }
}
