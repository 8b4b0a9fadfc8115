import Glibc
import NIOCore
import NIOPosix

/// SwiftNIO with a channel handler, after its NIOEchoServer: usage `nio-handler [PORT]`.
@main enum Server {
  static func main() throws {
    let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 0
    // SwiftNIO sets TCP_NODELAY itself.
    let listener = try ServerBootstrap(group: MultiThreadedEventLoopGroup(numberOfThreads: 1))
      .serverChannelOption(.backlog, value: 4096)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          // Nothing is read while the peer does not read.
          try channel.pipeline.syncOperations.addHandler(BackPressureHandler())
          try channel.pipeline.syncOperations.addHandler(EchoHandler())
        }
      }
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelOption(.maxMessagesPerRead, value: 16)
      .childChannelOption(.recvAllocator, value: AdaptiveRecvByteBufferAllocator())
      .bind(host: "127.0.0.1", port: port).wait()
    print("listening on tcp://127.0.0.1:\(listener.localAddress!.port!)")
    fflush(nil)
    try listener.closeFuture.wait()
  }
}

private final class EchoHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    context.write(data, promise: nil)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    context.flush()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    // What is still to be written goes first: to close the output at once loses what the kernel has not taken.
    if case ChannelEvent.inputClosed = event {
      let channel = context.channel
      context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in
        channel.close(mode: .output, promise: nil)
      }
    }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}
