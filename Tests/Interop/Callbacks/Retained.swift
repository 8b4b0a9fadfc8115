//: with timer.c
//: prints tea
import Timer

final class Work {
  let text: String
  init(_ text: String) { self.text = text }
}

func remind(_ text: String) {
  // Retained here and released by the callback, exactly once each.
  let work = unsafe Unmanaged.passRetained(Work(text))
  unsafe timer_set({ unsafe run($0!) }, work.toOpaque())
}

func run(_ context: UnsafeMutableRawPointer) {
  // What remind retained.
  let work = unsafe Unmanaged<Work>.fromOpaque(context).takeRetainedValue()
  print(work.text)
}

remind("tea")
timer_fire()
