//: crash SendNonSendable
import Limits

func show(_ text: String) {
  each({ _, _ in print(text) }, nil)
}
