//: traps Fatal error: unexpected enum case 'reason(rawValue: 131)'
import Kinds

switch newest_reason() {
case .refused: print("refused")
case .timed_out: print("timed out")
}
