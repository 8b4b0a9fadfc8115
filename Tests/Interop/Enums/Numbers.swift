//: prints errno 131
//: prints refused
struct Reason: RawRepresentable, Hashable {
  let rawValue: Int32

  static let refused = Reason(rawValue: 111)
}

func describe(_ reason: Reason) -> String {
  switch reason {
  case .refused: "refused"
  default: "errno \(reason.rawValue)"
  }
}

print(describe(Reason(rawValue: 131)))
print(describe(.refused))
