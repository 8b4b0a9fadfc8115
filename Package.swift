// swift-tools-version: 6.3
import PackageDescription

let strict: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("InferIsolatedConformances"),
  // C functions with annotated bounds take a Span, and a Span may be a property.
  .enableExperimentalFeature("SafeInteropWrappers"),
  .enableExperimentalFeature("Lifetimes"),
]

let libbsd = Target.Dependency.target(name: "CLibBSD", condition: .when(traits: ["LibBSD"]))
let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser", condition: .when(traits: ["Programs"]))
let logging = Target.Dependency.product(
  name: "Logging", package: "swift-log", condition: .when(traits: ["Programs"]))
let histogram = Target.Dependency.product(
  name: "Histogram", package: "hdrhistogram-swift", condition: .when(traits: ["Programs"]))

let package = Package(
  name: "swift-sockets",
  products: [
    .library(name: "Sockets", targets: ["Sockets"]),
    .library(name: "AsyncSockets", targets: ["AsyncSockets"]),
    .library(name: "SocketActivation", targets: ["SocketActivation"]),
    .library(name: "ProxyProtocol", targets: ["ProxyProtocol"]),
    .library(name: "CSockets", targets: ["CSockets"]),
    .executable(name: "echo-server", targets: ["echo-server"]),
    .executable(name: "echo-client", targets: ["echo-client"]),
  ],
  traits: [
    .trait(name: "LibBSD", description: "Peer credentials, process titles and pid files, through the system's libbsd."),
    .trait(
      name: "Programs",
      description: """
        The programs echo-server and echo-client, which need swift-argument-parser, swift-log and hdrhistogram-swift.
        """),
    .default(enabledTraits: ["LibBSD", "Programs"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
  ],
  targets: [
    .target(
      name: "CSockets", path: ".", exclude: ["CShims/libbsd"], sources: ["CShims"], publicHeadersPath: "include",
      cSettings: [.treatAllWarnings(as: .error), .enableWarning("all"), .enableWarning("extra")]),
    .systemLibrary(
      name: "CLibBSD", path: "CShims/libbsd", pkgConfig: "libbsd", providers: [.apt(["libbsd-dev"])]),
    .target(name: "Sockets", dependencies: ["CSockets", libbsd], swiftSettings: strict),
    .target(name: "AsyncSockets", dependencies: ["Sockets", "CSockets"], swiftSettings: strict),
    .target(name: "SocketActivation", dependencies: ["Sockets", "CSockets"], swiftSettings: strict),
    .target(name: "ProxyProtocol", dependencies: ["Sockets", "CSockets"], swiftSettings: strict),
    .target(name: "EchoSupport", dependencies: ["Sockets", "CSockets", libbsd, logging], swiftSettings: strict),
    .executableTarget(
      name: "echo-server",
      dependencies: [
        "EchoSupport", "ProxyProtocol", "SocketActivation", "AsyncSockets", "Sockets", argumentParser, logging,
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "echo-client", dependencies: ["EchoSupport", "Sockets", argumentParser, logging, histogram],
      swiftSettings: strict),
    // Its programs that must not compile are of both libraries.
    .testTarget(name: "SocketsTests", dependencies: ["AsyncSockets", "Sockets"], swiftSettings: strict),
    .testTarget(name: "AsyncSocketsTests", dependencies: ["AsyncSockets", "Sockets"], swiftSettings: strict),
    .testTarget(
      name: "SocketActivationTests", dependencies: ["SocketActivation", "Sockets", "CSockets"], swiftSettings: strict),
    .testTarget(name: "ProxyProtocolTests", dependencies: ["ProxyProtocol", "Sockets"], swiftSettings: strict),
    .testTarget(name: "EchoSupportTests", dependencies: ["EchoSupport"], swiftSettings: strict),
    .testTarget(
      name: "EchoTests", dependencies: ["echo-server", "echo-client"], exclude: ["Clients"], swiftSettings: strict),
  ]
)
