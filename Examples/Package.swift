// swift-tools-version: 6.3
import PackageDescription

// A package of its own, as a user's is: who depends on the library pays nothing for these.
let strict: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("InferIsolatedConformances"),
  .enableExperimentalFeature("SafeInteropWrappers"),
]

let sockets = Target.Dependency.product(name: "Sockets", package: "swift-sockets")
let asyncSockets = Target.Dependency.product(name: "AsyncSockets", package: "swift-sockets")
let cSockets = Target.Dependency.product(name: "CSockets", package: "swift-sockets")

/// An example, and what it uses besides the socket.
func example(_ name: String, _ libraries: Target.Dependency...) -> Target {
  .executableTarget(name: name, dependencies: ["ExampleSupport", sockets] + libraries, swiftSettings: strict)
}

let package = Package(
  name: "Examples",
  dependencies: [.package(name: "swift-sockets", path: "..", traits: [])],
  targets: [
    .target(name: "ExampleSupport", dependencies: [sockets, cSockets], swiftSettings: strict),
    example("chat-server", asyncSockets),
    example("discover"),
    example("http-get"),
    example("netcat"),
    example("ping"),
    example("port-check", asyncSockets),
    example("port-forward"),
    example("supervisor", asyncSockets),
  ]
)
