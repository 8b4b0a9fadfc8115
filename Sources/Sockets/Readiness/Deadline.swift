public import CSockets

/// A moment on the monotonic clock, by which a call that waits gives up.
///
/// A deadline covers a whole operation, however many system calls it takes; the clock is one that no change of the date
/// moves, and that stands still while the machine sleeps.
@frozen public struct Deadline: Hashable, Sendable {
  /// Nanoseconds on the clock.
  @usableFromInline package let nanoseconds: Int64

  @usableFromInline package init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  /// No deadline: wait for as long as it takes.
  @inlinable public static var never: Deadline { Deadline(nanoseconds: .max) }

  /// The present: try once, and throw EAGAIN where that would mean to wait. It costs no look at the clock.
  @inlinable public static var now: Deadline { Deadline(nanoseconds: .min) }

  /// The moment so much later than the call, or earlier for a duration below zero. A deadline in the past tries once
  /// and throws ``SocketError/Reason/timedOut``. What is further away than the clock can count is ``never``.
  public static func after(_ duration: Duration) -> Deadline {
    // The clock counts from the start of the machine: a moment before that is as good as any other in the past.
    Swift.max(Deadline(nanoseconds: cs_monotonic_nanoseconds()).advanced(by: duration), Deadline(nanoseconds: 0))
  }

  /// Whether the moment has come.
  public var hasPassed: Bool {
    switch self {
    case .never: false
    case .now: true
    default: nanoseconds <= cs_monotonic_nanoseconds()
    }
  }

  /// How long it is until then, zero when the moment has come; nil for ``never``.
  public var timeLeft: Duration? {
    self == .never ? nil : .nanoseconds(nanosecondsLeft)
  }

  /// The same as the C helpers want it: -1 for ever.
  var nanosecondsLeft: Int64 {
    switch self {
    case .never: -1
    case .now: 0
    default: Swift.max(nanoseconds - cs_monotonic_nanoseconds(), 0)
    }
  }

  /// Waits for a millisecond at most, where nothing else says when to look again.
  package func pause() {
    let (left, most) = (nanosecondsLeft, Int64(1_000_000))
    // No sockets, none of which is ever ready.
    _ = cs_poll(nil, 0, left < 0 ? most : Swift.min(left, most))
  }

  /// What to tell a send or a receive: with a deadline it must not wait by itself, whatever the descriptor's mode.
  @inlinable @inline(__always) var messageFlags: Int32 {
    self == .never ? 0 : CS_MSG_DONTWAIT
  }
}

extension Deadline {
  /// This very moment, to count from; ``now`` is earlier than any.
  package static var current: Deadline { .after(.zero) }

  /// The moment so much later.
  package func advanced(by duration: Duration) -> Deadline {
    let (moment, overflow) = nanoseconds.addingReportingOverflow(duration.nanosecondsRoundedUp)
    return overflow ? .never : Deadline(nanoseconds: moment)
  }

  /// How much later this moment is than another.
  package func duration(since earlier: Deadline) -> Duration {
    .nanoseconds(nanoseconds - earlier.nanoseconds)
  }
}

extension Deadline: Comparable {
  /// Whether the one is before the other.
  @inlinable public static func < (left: Deadline, right: Deadline) -> Bool {
    left.nanoseconds < right.nanoseconds
  }
}

extension Duration {
  /// The duration in nanoseconds: a part of one counts as one, and what does not fit is the largest or smallest number.
  package var nanosecondsRoundedUp: Int64 {
    let (nanoseconds, rest) = attoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    return Int64(clamping: rest > 0 ? nanoseconds + 1 : nanoseconds)
  }
}
