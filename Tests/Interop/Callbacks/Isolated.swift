//: with thread.c
//: prints called back
import Thread

@MainActor func callBack(_ context: UnsafeMutableRawPointer) {
  // The function makes no use of the context, and the thread is waited for once.
  let thread = unsafe thread_start_sendable({ _ in print("called back") }, context)
  unsafe thread_join(thread)
}

var nothing = 0
// It lives as long as the call.
unsafe withUnsafeMutableBytes(of: &nothing) { unsafe callBack($0.baseAddress!) }
