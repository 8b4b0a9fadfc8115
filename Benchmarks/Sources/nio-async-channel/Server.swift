import Glibc
import NIOCore
import NIOPosix

/// SwiftNIO with NIOAsyncChannel, after its NIOTCPEchoServer: usage `nio-async-channel [PORT]`.
@main enum Server {
  static func main() {
    Task.detached { try await serve() }
    // What an async main waits with, dispatch_main, crashes valgrind 3.19.
    while true { pause() }
  }

  private static func serve() async throws {
    let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 0
    // SwiftNIO sets TCP_NODELAY itself.
    let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup(numberOfThreads: 1))
      .serverChannelOption(.backlog, value: 4096)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .bind(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel(
            wrappingChannelSynchronously: channel,
            configuration: .init(
              isOutboundHalfClosureEnabled: true, inboundType: ByteBuffer.self, outboundType: ByteBuffer.self))
        }
      }
    print("listening on tcp://127.0.0.1:\(listener.channel.localAddress!.port!)")
    fflush(nil)
    try await withThrowingDiscardingTaskGroup { group in
      try await listener.executeThenClose { connections in
        for try await connection in connections {
          group.addTask { await echo(connection) }
        }
      }
    }
  }

  private static func echo(_ connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>) async {
    // A connection that fails is that connection's business.
    try? await connection.executeThenClose { inbound, outbound in
      for try await bytes in inbound { try await outbound.write(bytes) }
      // What is still to be written goes first: a close that came now would drop it.
      outbound.finish()
      try await connection.channel.closeFuture.get()
    }
  }
}
