//: with thread.c
//: traps
import Thread

@MainActor func callBack(_ context: UnsafeMutableRawPointer) {
  let thread = thread_start({ _ in print("called back") }, context)
  thread_join(thread)
}

callBack(UnsafeMutableRawPointer(bitPattern: 1)!)
