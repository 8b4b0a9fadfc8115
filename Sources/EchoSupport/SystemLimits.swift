internal import CSockets
internal import Sockets

/// Allows this process as many descriptors as it may allow itself, and says how many those are. See `getrlimit(2)`.
public func raiseDescriptorLimit() throws(Failure) -> Int {
  let limit = cs_raise_descriptor_limit()
  guard limit >= 0 else { throw Failure("raise the limit of descriptors: \(Errno(rawValue: Int32(-limit)))") }
  return Int(limit)
}
