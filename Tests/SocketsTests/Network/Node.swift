import Foundation
import Glibc
import Sockets
import Synchronization
import Testing

// glibc declares these only for programs that ask for its own extensions, which Swift's import of it does not. Both are
// functions of exactly these types; see setns(2) and unshare(2).
private let setns = unsafe unsafeBitCast(dlsym(nil, "setns"), to: (@convention(c) (Int32, Int32) -> Int32).self)
private let unshare = unsafe unsafeBitCast(dlsym(nil, "unshare"), to: (@convention(c) (Int32) -> Int32).self)
private let CLONE_NEWNET: Int32 = 0x4000_0000

/// A host of a test's own: a network namespace, whose interfaces, addresses and routes `ip(8)` makes. Two of them send
/// each other packets as two machines do.
///
/// It has no name in the file system: it goes with the last descriptor for it and the last socket in it, so that
/// nothing is left of it whatever becomes of the test, not even where that is killed.
final class Node: Sendable {
  private let namespace: Int32

  /// Whether there can be such hosts here, with both versions of IP.
  static let isPermitted: Bool = {
    guard let namespace = try? makeNamespace() else { return false }
    close(namespace)
    return FileManager.default.fileExists(atPath: "/proc/sys/net/ipv6")
  }()

  /// A host with a loopback interface, on which `ip` has run these commands.
  init(_ commands: String...) throws {
    namespace = try Self.makeNamespace()
    for interfaces in ["all", "default"] {
      // Addresses can be used at once, and packets may come by another interface than answers would leave by.
      try set("ipv6/conf/\(interfaces)/accept_dad", "0")
      try set("ipv4/conf/\(interfaces)/rp_filter", "0")
    }
    // Each error is told, however many there are.
    try set("ipv4/icmp_ratelimit", "0")
    try set("ipv6/icmp/ratelimit", "0")
    try ip(["link set lo up"] + commands)
  }

  deinit { close(namespace) }

  /// Does something on this host: a socket that is made there stays there, and can then be used from anywhere. So does
  /// a thread, which is why nothing may be done there that starts one, such as a `Process`.
  func run<R: ~Copyable>(_ body: () throws -> R) throws -> R {
    let home = Self.current()
    Self.enter(namespace)
    defer {
      Self.enter(home)
      close(home)
    }
    return try body()
  }

  /// A new namespace: the thread goes there and back.
  private static func makeNamespace() throws -> Int32 {
    let home = current()
    defer { close(home) }
    guard unshare(CLONE_NEWNET) == 0 else { throw Complaint(description: "unshare: \(Errno(rawValue: errno))") }
    defer { enter(home) }
    return current()
  }

  /// The namespace that the thread is in.
  private static func current() -> Int32 {
    // The name lives as long as the call.
    let namespace = unsafe open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
    precondition(namespace >= 0, "/proc is not mounted")
    return namespace
  }

  /// Moves the thread. One that could not go back would take other tests with it.
  private static func enter(_ namespace: Int32) {
    precondition(setns(namespace, CLONE_NEWNET) == 0, "setns: \(Errno(rawValue: errno))")
  }
}

/// What `ip` and `sysctl` do.
extension Node {
  /// The namespace, as another process finds it.
  private var path: String { "/proc/\(getpid())/fd/\(namespace)" }

  /// Runs commands of `ip(8)` here.
  func ip(_ commands: [String]) throws {
    let program = Process()
    program.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    program.arguments = ["nsenter", "--net=\(path)", "ip", "-batch", "-"]
    let (input, output) = (Pipe(), Pipe())
    program.standardInput = input
    program.standardError = output
    try program.run()
    try input.fileHandleForWriting.write(contentsOf: Data(commands.joined(separator: "\n").utf8))
    try input.fileHandleForWriting.close()
    let complaint = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    program.waitUntilExit()
    guard program.terminationStatus == 0 else { throw Complaint(description: complaint) }
  }

  /// Runs commands of `ip(8)` here.
  func ip(_ commands: String...) throws {
    try ip(commands)
  }

  /// Sets a parameter of the kernel under /proc/sys/net; see `sysctl(8)`.
  func set(_ parameter: String, _ value: String) throws {
    try run { try Data(value.utf8).write(to: URL(fileURLWithPath: "/proc/sys/net/" + parameter)) }
  }

  /// Lays a link to another host, an interface at each end, and waits until it is up: both have a link-local address.
  func link(_ interface: String, to peer: Node, _ peerInterface: String, mtu: Int = 1500) throws {
    let (index, peerIndex) = (Self.nextIndex(), Self.nextIndex())
    let peerEnd = "\(peerInterface) index \(peerIndex) mtu \(mtu) netns \(peer.path)"
    try ip(
      "link add \(interface) index \(index) mtu \(mtu) type veth peer name \(peerEnd)", "link set \(interface) up")
    try peer.ip("link set \(peerInterface) up")
    try settle(interface)
    try peer.settle(peerInterface)
  }

  /// No two interfaces of any hosts have the same number, so that none is taken for another. (The kernel takes its time
  /// with a link both of whose ends have.)
  private static let indices = Atomic<UInt32>(10)

  private static func nextIndex() -> UInt32 {
    indices.add(1, ordering: .relaxed).newValue
  }

  /// Waits until an interface that was set up is.
  private func settle(_ interface: String) throws {
    // That nobody has an address is found out sooner than in three seconds.
    for version in ["ipv4", "ipv6"] { try set("\(version)/neigh/\(interface)/retrans_time_ms", "300") }
    _ = try linkLocal(interface)
  }

  /// The link-local address of an interface, once it has one that can be used.
  func linkLocal(_ interface: String) throws -> IPv6Address {
    try address(of: interface) { $0.isLinkLocal }
  }

  /// An IPv6 address of an interface, once it has such a one that can be used: the kernel takes a moment for that.
  @discardableResult
  func address(of interface: String, where isWanted: (IPv6Address) -> Bool) throws -> IPv6Address {
    let deadline = Deadline.after(soon)
    while !deadline.hasPassed {
      let lines = try run { try String(contentsOfFile: "/proc/thread-self/net/if_inet6", encoding: .utf8) }
      for line in lines.split(separator: "\n") {
        // The address in hexadecimal, the interface's index, the prefix's length, the scope, the flags and the name.
        let words = line.split(separator: " ")
        let address = IPv6Address(bits: UInt128(words[0], radix: 16)!)
        let isTentative = UInt8(words[4], radix: 16)! & 0x40 != 0
        if words[5] == interface, !isTentative, isWanted(address) { return address }
      }
      usleep(1_000)
    }
    throw Complaint(description: "\(interface) still has no such address")
  }

  /// The index of an interface of this host.
  func index(_ interface: String) throws -> UInt32 {
    // The name lives as long as the call.
    try run { unsafe if_nametoindex(interface) }
  }

  /// A socket of this host, bound to an address.
  func socket(_ type: SocketType = .datagram, at address: SocketAddress) throws -> Socket {
    try run {
      let socket = try Socket(for: address, type)
      try socket.bind(to: address)
      return socket
    }
  }
}

/// Why a network could not be made.
struct Complaint: Error, CustomStringConvertible {
  let description: String
}

extension Trait where Self == ConditionTrait {
  /// What several hosts on one machine take.
  static var hosts: Self {
    .enabled(if: Node.isPermitted, "it takes root, and both versions of IP, to have networks of its own")
  }
}
