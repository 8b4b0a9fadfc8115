import Foundation
import Testing

/// Names, and addresses that stand for more than one.
@Suite("An endpoint's host") struct NameTests {
  private func expectEcho(_ sandbox: Sandbox, _ endpoint: String) throws {
    let client = try sandbox.session(endpoint, input: .text("hello\nquit\n"))
    #expect(client.output.contains("received:hello\n"), "\(client)")
    #expect(client.ending == .exited(0), "\(client)")
  }

  @Test("may be localhost, by name", arguments: Mode.allCases, ["tcp", "udp"])
  func localhost(mode: Mode, scheme: String) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server("\(scheme)://localhost:0", mode)
      #expect(server.endpoint.hasPrefix("\(scheme)://localhost:"))
      #expect(server.port != "0")
      try expectEcho(sandbox, server.endpoint)
    }
  }

  @Test(
    "is listened on at each of its addresses, with one port",
    .enabled(if: Tools.canIsolate && Tools.hasIPv6, "mounts of its own are not permitted here, or there is no IPv6"),
    arguments: Mode.allCases, ["tcp", "udp"])
  func severalAddresses(mode: Mode, scheme: String) throws {
    try withSandbox { sandbox in
      let hosts = sandbox.path("hosts")
      try "::1 localhost\n127.0.0.1 localhost\n".write(toFile: hosts, atomically: true, encoding: .utf8)
      let withHosts = ["unshare", "--mount", "sh", "-c", #"mount --bind "$0" /etc/hosts && exec "$@""#, hosts]
      let server = try sandbox.server("\(scheme)://localhost:0", mode, startedBy: withHosts)
      for host in ["127.0.0.1", "[::1]"] { try expectEcho(sandbox, "\(scheme)://\(host):\(server.port)") }
    }
  }

  @Test(
    "is tried address after address by the client",
    .enabled(if: Tools.canIsolate && Tools.hasIPv6, "mounts of its own are not permitted here, or there is no IPv6"))
  func nextAddress() throws {
    try withSandbox { sandbox in
      let hosts = sandbox.path("hosts")
      try "::1 both.example\n127.0.0.1 both.example\n".write(toFile: hosts, atomically: true, encoding: .utf8)
      // Whichever comes first for this system, one of the two servers is behind the other address.
      for endpoint in ["tcp://127.0.0.1:0", "tcp://[::1]:0"] {
        let server = try sandbox.server(endpoint, .poll)
        let client = try sandbox.run(
          ["unshare", "--mount", "sh", "-c", #"mount --bind "$0" /etc/hosts && exec "$@""#, hosts]
            + [Sandbox.program("echo-client"), "tcp://both.example:\(server.port)"], input: .text("hello\nquit\n"))
        #expect(client.output.contains("received:hello\n"), "\(client)")
      }
    }
  }

  @Test(
    "may be * for both versions of IP: trap 25", .enabled(if: Tools.hasIPv6, "there is no IPv6 here"),
    arguments: Mode.allCases, ["tcp", "udp"])
  func dualStack(mode: Mode, scheme: String) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server("\(scheme)://*:0", mode)
      #expect(server.endpoint.hasPrefix("\(scheme)://*:"))
      for host in ["127.0.0.1", "[::1]"] { try expectEcho(sandbox, "\(scheme)://\(host):\(server.port)") }
      guard scheme == "tcp" else { return }
      // A client is shown by the address that it has, not by the one that stands for it.
      try server.program.waitForOutput("accept client 127.0.0.1:")
      try server.program.waitForOutput("accept client [::1]:")
    }
  }

  @Test(
    "may be * for IPv4 alone, where there is no IPv6: trap 25",
    .enabled(if: Tools.canTrace, "strace cannot be used here"), arguments: Mode.allCases, ["tcp", "udp"])
  func withoutIPv6(mode: Mode, scheme: String) throws {
    try withSandbox { sandbox in
      let trace = sandbox.path("trace")
      // The first socket that the server makes is the one for both versions.
      let server = try sandbox.server(
        "\(scheme)://*:0", mode,
        startedBy: Prefix.injecting(["socket:error=EAFNOSUPPORT:when=1"], calls: "socket", trace: trace))
      #expect(server.endpoint.hasPrefix("\(scheme)://*:"))
      try expectEcho(sandbox, "\(scheme)://127.0.0.1:\(server.port)")
      let calls = try String(contentsOfFile: trace, encoding: .utf8)
      #expect(calls.contains("socket(AF_INET6, "))
      #expect(calls.contains("EAFNOSUPPORT"))
      #expect(calls.contains("socket(AF_INET, "))
    }
  }

  @Test("may be an IPv6 address", .enabled(if: Tools.hasIPv6, "there is no IPv6 here"), arguments: ["tcp", "udp"])
  func ipv6(scheme: String) throws {
    try withSandbox { sandbox in
      let server = try sandbox.server("\(scheme)://[::1]:0", .poll)
      #expect(server.endpoint.hasPrefix("\(scheme)://[::1]:"))
      try expectEcho(sandbox, server.endpoint)
    }
  }
}
