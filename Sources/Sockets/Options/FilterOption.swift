internal import CSockets

/// One instruction of a classic BPF program. See `bpf(4)` of the BSDs and the kernel's `networking/filter.rst`.
public struct FilterInstruction: Hashable, Sendable {
  /// What to do.
  public let code: UInt16
  /// How many instructions to pass over if a condition holds.
  public let jumpIfTrue: UInt8
  /// How many instructions to pass over if it does not.
  public let jumpIfFalse: UInt8
  /// What to do it with.
  public let operand: UInt32

  /// An instruction.
  public init(_ code: UInt16, _ operand: UInt32, jumpIfTrue: UInt8 = 0, jumpIfFalse: UInt8 = 0) {
    self.code = code
    self.operand = operand
    self.jumpIfTrue = jumpIfTrue
    self.jumpIfFalse = jumpIfFalse
  }

  /// BPF_RET | BPF_K: keep so many bytes of the packet, none of it for 0; or choose the socket with this number.
  public static func `return`(_ value: UInt32) -> FilterInstruction { FilterInstruction(0x06, value) }
}

/// A classic BPF program.
public enum FilterOption: SocketOptionWriter {
  /// Runs a program over what is received, in place of any other; nil takes it off.
  public static func set(
    _ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: [FilterInstruction]?
  ) throws(SocketError) {
    guard let value else { return try IntegerOption.set(descriptor, level, CS_SO_DETACH_FILTER, 0) }
    let program = value.map {
      cs_filter_instruction(
        code: $0.code, jump_if_true: $0.jumpIfTrue, jump_if_false: $0.jumpIfFalse, operand: $0.operand)
    }
    // The array outlives the call, which reads as many instructions as it has; the kernel copies them.
    let result = unsafe program.span.withUnsafeBufferPointer {
      unsafe cs_set_filter(descriptor, level, name, $0.baseAddress, $0.count)
    }
    try SocketError.check(.setOption, result)
  }
}
