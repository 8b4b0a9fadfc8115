// swift-tools-version: 6.3
import PackageDescription

// Built with optimisation, as a program that cares for allocations is.
let package = Package(
  name: "Allocations",
  dependencies: [.package(name: "swift-sockets", path: "../..", traits: [])],
  targets: [
    .executableTarget(
      name: "Allocations",
      dependencies: [.product(name: "Sockets", package: "swift-sockets"), "CountedMalloc"],
      swiftSettings: [.strictMemorySafety(), .treatAllWarnings(as: .error)]),
    .target(name: "CountedMalloc"),
  ]
)
