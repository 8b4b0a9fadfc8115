// swift-tools-version: 6.3
import PackageDescription

let strict: [SwiftSetting] = [.strictMemorySafety(), .treatAllWarnings(as: .error)]
let sockets = Target.Dependency.product(name: "Sockets", package: "swift-sockets")

// The fuzzers have no main of their own: libFuzzer brings it (--sanitize fuzzer).
let package = Package(
  name: "Fuzzing",
  dependencies: [.package(name: "swift-sockets", path: "../..", traits: [])],
  targets: [
    .executableTarget(name: "text-fuzzer", dependencies: [sockets], swiftSettings: strict),
    .executableTarget(
      name: "message-fuzzer",
      dependencies: [sockets, .product(name: "CSockets", package: "swift-sockets")], swiftSettings: strict),
    .executableTarget(
      name: "header-fuzzer", dependencies: [.product(name: "ProxyProtocol", package: "swift-sockets")],
      swiftSettings: strict),
    .executableTarget(name: "pair-fuzzer", dependencies: [sockets], swiftSettings: strict),
    .executableTarget(name: "parse", dependencies: [sockets], swiftSettings: strict),
  ]
)
