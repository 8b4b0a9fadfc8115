//: with timer.c
//: reports AddressSanitizer: heap-use-after-free
import Timer

final class Work {
  let text: String
  init(_ text: String) { self.text = text }
}

func remind(_ text: String) {
  let work = Unmanaged.passUnretained(Work(text))
  timer_set({ print(Unmanaged<Work>.fromOpaque($0!).takeUnretainedValue().text) }, work.toOpaque())
}

remind("tea")
timer_fire()
