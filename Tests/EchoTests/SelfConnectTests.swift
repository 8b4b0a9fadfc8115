import Foundation
import Testing

/// A port that nobody listens on, and that the system gives to the client itself.
@Suite("A connection with itself", .enabled(if: Tools.canIsolate, "a network of its own is not permitted here"))
struct SelfConnectTests {
  /// In a network of its own, where every client gets the port 40000.
  private static let onePort = [
    "unshare", "--net", "sh", "-c",
    #"ip link set lo up && echo 40000 40000 >/proc/sys/net/ipv4/ip_local_port_range && exec "$0" "$@""#,
  ]

  @Test("counts as refused: trap 11", arguments: ["tcp://127.0.0.1:40000", "tcp://[::1]:40000"])
  func refused(endpoint: String) throws {
    try withSandbox { sandbox in
      // The premise: Python connects with itself there.
      let itself = try sandbox.run(
        Self.onePort + Sandbox.script("self_connect") + [endpoint])
      #expect(itself.output == "connected with itself\n", "\(itself)")
      let client = try sandbox.run(
        Self.onePort + [Sandbox.program("echo-client"), endpoint], input: .text("hello\nquit\n"))
      #expect(client.ending == .exited(1), "\(client)")
      #expect(
        client.errorLines == [
          "echo-client: \(endpoint): connect to \(endpoint.dropFirst(6)): connection refused (ECONNREFUSED)"
        ])
      #expect(client.output == "")
    }
  }
}
