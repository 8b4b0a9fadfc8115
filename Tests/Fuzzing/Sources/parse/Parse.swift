import Sockets

/// For each line of standard input, the kind of text that its first word names and what follows, prints how the library
/// writes what it has read, or `-` for what it refuses.
@main enum Parse {
  static func main() {
    while let line = readLine() {
      let words = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      switch words[0] {
      case "ipv4": report(words[1], IPv4Address.self)
      case "ipv6": report(words[1], IPv6Address.self)
      case "prefix": report(words[1], IPPrefix.self)
      default: fatalError("there is no \(words[0])")
      }
    }
  }

  static func report<Value: TextRepresentable>(_ text: String, _: Value.Type) {
    print((try? Value(text))?.description ?? "-")
  }
}
