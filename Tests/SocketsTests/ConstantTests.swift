import Glibc
import Sockets
import Testing

/// Names of numbers that no other test uses, beside the numbers that manual pages and headers have for them.
@Suite("A constant has the system's number") struct ConstantTests {
  @Test("of an error")
  func errors() {
    let errors: [(Errno, Int32)] = [
      (.destinationRequired, EDESTADDRREQ), (.tooManyOpenFilesInSystem, ENFILE), (.noMemory, ENOMEM),
      (.notPermitted, EPERM), (.protocolNotSupported, EPROTONOSUPPORT), (.wrongSocketType, EPROTOTYPE),
    ]
    for (errno, number) in errors { #expect(errno.rawValue == number) }
    let codes: [(ResolveError.Code, Int32)] = [
      (.tryAgain, EAI_AGAIN), (.failed, EAI_FAIL), (.noMemory, EAI_MEMORY), (.noAddress, -5),
      (.typeNotSupported, EAI_SOCKTYPE),
    ]
    for (code, number) in codes { #expect(code.rawValue == number) }
  }

  @Test("of an interface's flag")
  func interfaces() {
    let flags: [(NetworkInterface.Flags, Int)] = [
      (.pointToPoint, IFF_POINTOPOINT), (.noARP, IFF_NOARP), (.promiscuous, IFF_PROMISC),
      (.allMulticast, IFF_ALLMULTI), (.multicast, IFF_MULTICAST),
    ]
    for (flag, number) in flags { #expect(flag.rawValue == UInt32(number)) }
  }

  @Test("of a way to take times, which the kernel takes")
  func timestamping() throws {
    // linux/net_tstamp.h
    let flags: [(Timestamping, Int32)] = [
      (.sendHardware, 1 << 0), (.sendSoftware, 1 << 1), (.receiveHardware, 1 << 2), (.rawHardware, 1 << 6),
      (.sendScheduled, 1 << 8), (.sendAcknowledged, 1 << 9), (.controlMessages, 1 << 10), (.timesOnly, 1 << 11),
    ]
    let socket = try Socket(.ipv4, .stream)
    for (flag, number) in flags {
      #expect(flag.rawValue == number)
      // Of a stream, TX_ACK among others is for sockets that are connected, or number what they send.
      try socket.set(.timestamping, flag)
      let set = try socket.get(.timestamping)
      #expect(set == flag)
    }
  }

  @Test("of a way to send, to look for the path's MTU, and of a state of TCP")
  func others() {
    #expect(SendFlags.dontRoute.rawValue == Int32(MSG_DONTROUTE))
    #expect(SendFlags.endOfRecord.rawValue == Int32(MSG_EOR))
    #expect(MTUDiscovery.byRoute.rawValue == IP_PMTUDISC_WANT)
    #expect(TCPInfo.State.closing.rawValue == UInt8(TCP_CLOSING))
  }
}
