//: crash Invalid bitcast
import Limits

func number() -> Int32 {
  let handle = make_handle()
  return handle.number
}
