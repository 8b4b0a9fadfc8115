import FlyingSocks
import Foundation

/// FlyingSocks with its own pool of sockets, epoll on Linux: usage `flying-socks [PORT]`.
@main enum Server {
  static func main() {
    Task.detached { try await serve() }
    // What an async main waits with, dispatch_main, crashes valgrind 3.19.
    while true { pause() }
  }

  private static func serve() async throws {
    let port = CommandLine.arguments.dropFirst().first.flatMap { UInt16($0) } ?? 0
    let socket = try Socket(domain: AF_INET, type: .stream)
    try socket.setValue(true, for: .localAddressReuse)
    // Accepted sockets take it over.
    try socket.setValue(true, for: BoolSocketOption(level: Int32(IPPROTO_TCP), name: TCP_NODELAY))
    try socket.bind(to: .inet(ip4: "127.0.0.1", port: port))
    try socket.listen()
    guard case .ip4(_, let bound) = try socket.sockname() else { fatalError("no IPv4 address") }

    let pool: some AsyncSocketPool = .make()
    try await pool.prepare()
    let listener = try AsyncSocket(socket: socket, pool: pool)
    print("listening on tcp://127.0.0.1:\(bound)")
    fflush(nil)
    try await withThrowingDiscardingTaskGroup { group in
      group.addTask { try await pool.run() }
      for try await connection in listener.sockets {
        group.addTask { await echo(connection) }
      }
    }
  }

  private static func echo(_ connection: AsyncSocket) async {
    // The end of the stream is an error here (SocketError.disconnected).
    do {
      while true { try await connection.write(Data(connection.read(atMost: 65_536))) }
    } catch {
      try? connection.close()
    }
  }
}
