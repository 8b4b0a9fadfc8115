internal import Sockets
internal import Synchronization

/// Who uses a socket: one word that every thread may change, so that two calls never do the same at once, and so that
/// the descriptor is closed once, by whoever uses it last.
///
/// The upper half is the slot's generation: to somebody who comes after the socket is gone, and the slot another's, it
/// says so.
enum SlotState {
  /// A call receives.
  static var reading: UInt64 { 1 }
  /// A call sends.
  static var writing: UInt64 { 2 }
  /// No call may begin any more.
  static var closed: UInt64 { 4 }
  /// The task that serves it was cancelled.
  static var cancelled: UInt64 { 8 }
  /// Nothing has moved for too long.
  static var idle: UInt64 { 16 }
  /// Others use it; the bits above count them.
  static var user: UInt64 { 32 }

  /// Why no call may begin, or nil where one may.
  static func refusal(_ state: UInt64) -> SocketError.Reason? {
    guard state & (closed | cancelled | idle) != 0 else { return nil }
    return state & closed != 0 ? .closed : state & cancelled != 0 ? .cancelled : .timedOut
  }

  /// The same for a call that is under way.
  static func wake(_ state: UInt64) -> Wake? {
    guard state & (closed | cancelled | idle) != 0 else { return nil }
    return state & closed != 0 ? .closed : state & cancelled != 0 ? .cancelled : .timedOut
  }

  /// Whether nobody uses a socket that is closed.
  static func isOver(_ state: UInt64) -> Bool {
    state & closed != 0 && UInt32(truncatingIfNeeded: state & ~(closed | cancelled | idle)) == 0
  }
}
