// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "Extras",
  traits: ["Extra"],
  targets: [
    .target(name: "CExtra", cSettings: [.define("EXTRA", .when(traits: ["Extra"]))]),
    .executableTarget(name: "right", dependencies: ["CExtra"]),
    .executableTarget(name: "wrong", dependencies: ["CExtra"]),
  ]
)
