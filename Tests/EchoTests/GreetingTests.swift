import Foundation
import Testing

/// Servers that greet otherwise than ours.
@Suite("The client of a server") struct GreetingTests {
  @Test("that greets late shows the greeting before the first reply")
  func late() throws {
    try withSandbox { sandbox in
      let peer = try Peer(in: sandbox)
      let client = try sandbox.client(peer.listen("listener", on: "tcp://127.0.0.1:0"))
      try peer.accept("server", from: "listener")
      // It has waited for as long as it waits.
      try client.waitForOutput("Enter string to send:")
      try peer.send("Welcome at last\n", from: "server")
      client.type("hello\n")
      #expect(try peer.receive(6, at: "server") == "hello\n")
      try peer.send("hello\n", from: "server")
      let expected = """
        connected to server
        Enter string to send:Welcome at last
        received:hello
        Enter string to send:
        """
      #expect(try client.output(asLongAs: expected) == expected)
      client.endInput()
      #expect(try client.waitForEnd() == .exited(0))
    }
  }

  @Test("that never greets prompts all the same")
  func never() throws {
    try withSandbox { sandbox in
      let peer = try Peer(in: sandbox)
      let client = try sandbox.client(peer.listen("listener", on: "unix://\(sandbox.path("quiet"))"))
      try peer.accept("server", from: "listener")
      client.type("hello\n")
      #expect(try peer.receive(6, at: "server") == "hello\n")
      try peer.send("hello\n", from: "server")
      let expected = "connected to server\nEnter string to send:received:hello\nEnter string to send:"
      #expect(try client.output(asLongAs: expected) == expected)
      client.type("quit\n")
      #expect(try client.waitForEnd() == .exited(0))
      #expect(try peer.receiveRest(at: "server") == "")
    }
  }

  @Test("that sends back byte by byte shows the line whole")
  func byteByByte() throws {
    try withSandbox { sandbox in
      let peer = try Peer(in: sandbox)
      let client = try sandbox.client(peer.listen("listener", on: "tcp://127.0.0.1:0"))
      try peer.accept("server", from: "listener")
      client.type("hello\n")
      #expect(try peer.receive(6, at: "server") == "hello\n")
      for character in "hello\n" { try peer.send(String(character), from: "server") }
      let expected = "connected to server\nEnter string to send:received:hello\nEnter string to send:"
      #expect(try client.output(asLongAs: expected) == expected)
    }
  }
}
