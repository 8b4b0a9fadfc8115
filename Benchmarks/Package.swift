// swift-tools-version: 6.3
import PackageDescription

// The peers in Swift: each a plain echo server, written as its library's own examples are. The versions are exact, so
// that figures of different days are of the same code.
let nio: [Target.Dependency] = [
  .product(name: "NIOCore", package: "swift-nio"),
  .product(name: "NIOPosix", package: "swift-nio"),
]

let package = Package(
  name: "Benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/swhitty/FlyingFox", exact: "0.27.1"),
  ],
  targets: [
    .executableTarget(name: "nio-handler", dependencies: nio),
    .executableTarget(name: "nio-async-channel", dependencies: nio),
    .executableTarget(name: "nio-datagrams", dependencies: nio),
    .executableTarget(name: "flying-socks", dependencies: [.product(name: "FlyingSocks", package: "FlyingFox")]),
  ]
)
