// Fetches a page by HTTP/1.1 (RFC 9112), with nothing but a socket:
//   http-get http://www.example.org/index.html >index.html

internal import ExampleSupport
internal import Sockets

@main struct HTTPGet {
  static func main() {
    Program.run(usage: "http://HOST[:PORT][/PATH]") { arguments in
      guard arguments.count == 1 else { throw Usage() }
      let url = try HTTPURL(arguments[0])
      let socket = try Socket.connected(to: url.endpoint, until: .after(.seconds(10)))
      try socket.sendAll(
        """
        GET \(url.target) HTTP/1.1\r
        Host: \(url.authority)\r
        Connection: close\r
        \r

        """, until: .after(.seconds(10)))
      var response = Response(socket)
      let head = try response.head()
      guard 200...299 ~= head.status else { throw Failure("\(arguments[0]): \(head.status) \(head.reason)") }
      try response.body(of: head) { bytes throws(Failure) in try StandardStream.output.write(bytes.span) }
    }
  }
}

/// Whom to ask, and for what.
private struct HTTPURL {
  let endpoint: Endpoint
  /// The host and perhaps the port, as the server wants to see them.
  let authority: String
  /// The path and the query.
  let target: String

  init(_ text: String) throws {
    guard text.hasPrefix("http://") else { throw Failure("\(text.debugDescription): not an http:// URL") }
    // What is behind # is for the reader.
    let rest = text.dropFirst(7).prefix { $0 != "#" }
    let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
    authority = String(rest[..<end])
    target = (rest[end...].hasPrefix("/") ? "" : "/") + rest[end...]
    // A space or a line feed would be the beginning of something else in the request.
    guard target.utf8.allSatisfy({ 0x21...0x7e ~= $0 }) else {
      throw Failure("\(text.debugDescription): a path has printable ASCII characters alone; write others as %20")
    }
    let hasPort = !authority.hasSuffix("]") && authority.contains(":")
    endpoint = try Endpoint("tcp://\(authority)\(hasPort ? "" : ":80")")
  }
}
