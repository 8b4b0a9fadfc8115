/// Which of several addresses to try when: Happy Eyeballs, version 2, of RFC 8305. It does no input or output and looks
/// at no clock: whoever drives it does, a blocking connect or an event loop.
///
/// The families take turns, so that a version of IP that leads nowhere costs a quarter of a second and not a time-out
/// for each of its addresses. An attempt that fails makes room for the next at once; one that hangs is left running
/// while the next begins. The look-up has both families' answers before it returns, so that the resolution delay of
/// section 3 does not arise.
package struct ConnectionRace: Sendable {
  /// What to do next.
  package enum Step: Hashable, Sendable {
    /// Begin to connect to an address.
    case begin(SocketAddress)
    /// Wait for an attempt that is under way, until then.
    case wait(until: Deadline)
    /// Give up: all have failed.
    case giveUp
  }

  /// How long an attempt is alone before the next begins, as section 5 recommends.
  package static var attemptDelay: Duration { .milliseconds(250) }

  private let addresses: [SocketAddress]
  private var begun = 0
  private var failed = 0
  /// Before this the next attempt does not begin, unless all that have begun have failed.
  private var nextBegin: Deadline = .now

  /// A race among addresses, which are in the order of preference.
  package init(_ addresses: [SocketAddress]) {
    self.addresses = Self.interleaved(addresses)
  }

  /// Those addresses that can be reached from one, where it matters: all, where none can, so that there is an error to
  /// tell.
  package static func reachable(_ addresses: [SocketAddress], from local: SocketAddress?) -> [SocketAddress] {
    let reachable = addresses.filter { local == nil || $0.family == local?.family }
    return reachable.isEmpty ? addresses : reachable
  }

  /// The first address, then one of the other family, and so on in turns, each family in its own order. See section 4.
  private static func interleaved(_ addresses: [SocketAddress]) -> [SocketAddress] {
    var turn = addresses.filter { $0.family == addresses[0].family }[...]
    var other = addresses.filter { $0.family != addresses[0].family }[...]
    var interleaved: [SocketAddress] = []
    while let address = turn.popFirst() {
      interleaved.append(address)
      if !other.isEmpty { swap(&turn, &other) }
    }
    return interleaved
  }

  /// What to do at this moment.
  package mutating func step(at moment: Deadline) -> Step {
    guard begun < addresses.count else { return failed < begun ? .wait(until: .never) : .giveUp }
    guard moment >= nextBegin || failed == begun else { return .wait(until: nextBegin) }
    nextBegin = moment.advanced(by: Self.attemptDelay)
    begun += 1
    return .begin(addresses[begun - 1])
  }

  /// Notes that an attempt has failed: the next begins at once.
  package mutating func attemptFailed(at moment: Deadline) {
    failed += 1
    nextBegin = moment
  }
}
