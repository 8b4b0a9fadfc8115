import Glibc
import NIOCore
import NIOPosix

/// SwiftNIO with datagrams, after its NIOUDPEchoServer: usage `nio-datagrams [PORT]`.
@main enum Server {
  static func main() throws {
    let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 0
    let socket = try DatagramBootstrap(group: MultiThreadedEventLoopGroup(numberOfThreads: 1))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(EchoHandler()) }
      }
      // Its --enable-gathering-reads: recvmmsg.
      .channelOption(.datagramVectorReadMessageCount, value: 30)
      .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 30 * 2048))
      .bind(host: "127.0.0.1", port: port).wait()
    print("listening on udp://127.0.0.1:\(socket.localAddress!.port!)")
    fflush(nil)
    try socket.closeFuture.wait()
  }
}

private final class EchoHandler: ChannelInboundHandler {
  typealias InboundIn = AddressedEnvelope<ByteBuffer>
  typealias OutboundOut = AddressedEnvelope<ByteBuffer>

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    context.write(data, promise: nil)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    context.flush()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // A client that went away (ECONNREFUSED) does not end the service of others.
  }
}
