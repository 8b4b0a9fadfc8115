import Foundation
import Testing

/// Who may connect over a Unix socket.
@Suite("A server with --allow-uid") struct AllowedUserTests {
  private static let canChangeUser = getuid() == 0
  /// Root may be anybody, and nobody is somebody else.
  private static let nobody = 65_534

  @Test("serves those users and closes all others, which it names", arguments: Mode.allCases)
  func others(mode: Mode) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server([.abstract, .tcp], mode, ["--allow-uid", "4711", "--allow-uid", "4712"])
      let peer = try Peer(in: sandbox)
      try peer.connect("other", to: server.endpoint)
      #expect(try peer.receiveRest(at: "other") == "")
      try server.program.wait(for: "the user's number") {
        server.program.errorLines == ["echo-server: client unix:(unnamed): user \(getuid()) may not connect"]
      }
      #expect(!server.program.output.contains("accept client"))
      // Those of TCP have no number.
      try peer.connect("tcp", to: server.endpoints[1])
      #expect(try peer.receive(greeting.utf8.count, at: "tcp") == greeting)
      #expect(try peer.echo("hello", at: "tcp") == "hello")
    }
  }

  @Test(
    "goes on after it, and serves who is allowed", .enabled(if: canChangeUser, "skipped: needs root"),
    arguments: Mode.allCases)
  func both(mode: Mode) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server(.abstract, mode, ["--allow-uid", "\(getuid())", "--max-connections", "1"])
      let client = [try Sandbox.program("echo-client"), "--raw", server.endpoint]
      for _ in 0..<3 {
        let stranger = try sandbox.run(["setpriv", "--reuid=\(Self.nobody)", "--clear-groups"] + client)
        #expect(stranger.output == "", "\(stranger)")
        let known = try sandbox.session(server.endpoint, input: .text("hello\nquit\n"))
        #expect(known.output.contains("received:hello\n"), "\(known)")
      }
      let refusal = "echo-server: client unix:(unnamed): user \(Self.nobody) may not connect"
      #expect(server.program.error == String(repeating: refusal + "\n", count: 3))
      server.program.signal(SIGTERM)
      #expect(try server.program.waitForEnd() == .exited(0))
    }
  }

  static let badOptions: [(arguments: [String], message: String)] = [
    (["--allow-uid", "0"], "--allow-uid needs an endpoint unix://PATH"),
    (["--allow-uid", "0", "tcp://127.0.0.1:0"], "--allow-uid needs an endpoint unix://PATH"),
    (["--allow-uid", "0", "unix://@a", "unixgram://@b"], "--allow-uid is not for unixgram://"),
    (["--allow-uid", "root", "unix://@a"], "'root'"),
    (["--allow-uid", "-1", "unix://@a"], "--allow-uid"),
  ]

  @Test("refuses it where it means nothing", arguments: badOptions)
  func refused(arguments: [String], message: String) throws {
    try withSandbox { sandbox in
      let refused = try sandbox.endingServer(arguments)
      #expect(refused.ending == .exited(64))
      #expect(refused.error.contains(message), "\(refused)")
      #expect(refused.output == "")
    }
  }

  @Test("or without it leaves the socket's file the permissions of the umask", arguments: Mode.allCases)
  func permissions(mode: Mode) throws {
    try withSandbox { sandbox in
      for (umask, expected) in [("077", 0o700), ("007", 0o770), ("022", 0o755)] {
        let script = "umask \(umask); exec \"$0\" \"$@\""
        let server = try sandbox.server([.unix, .unixgram], mode, startedBy: ["sh", "-c", script])
        for endpoint in server.endpoints {
          let path = String(endpoint.split(separator: "://", maxSplits: 1)[1])
          let attributes = try FileManager.default.attributesOfItem(atPath: path)
          #expect(attributes[.posixPermissions] as? Int == expected, "\(path)")
        }
        server.program.signal(SIGTERM)
        #expect(try server.program.waitForEnd() == .exited(0))
      }
    }
  }
}
