// swift-tools-version: 6.3
import PackageDescription

// What is counted is what a program runs that is built for speed.
let package = Package(
  name: "Calls",
  dependencies: [.package(name: "swift-sockets", path: "../..", traits: [])],
  targets: [
    .executableTarget(
      name: "Calls", dependencies: [.product(name: "Sockets", package: "swift-sockets"), "CCalls"],
      swiftSettings: [
        .strictMemorySafety(), .treatAllWarnings(as: .error),
        // Loops that differ in a constant would become one, with the constant as an argument.
        .unsafeFlags(["-Xfrontend", "-disable-llvm-merge-functions-pass"]),
      ]),
    .target(name: "CCalls", dependencies: [.product(name: "CSockets", package: "swift-sockets")]),
  ]
)
