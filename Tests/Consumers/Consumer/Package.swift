// swift-tools-version: 6.3
import PackageDescription

// A package like any other that uses this one: by path or by URL, with the traits it asks for. The script beside this
// folder says which.
let environment = Context.environment
let traits = (environment["CONSUMER_TRAITS"] ?? "").split(separator: ",")
  .map { Package.Dependency.Trait.trait(name: String($0)) }
let dependency: Package.Dependency =
  switch (environment["CONSUMER_URL"], environment["CONSUMER_TRAITS"]) {
  case (let url?, nil): .package(url: url, from: "0.1.0")
  case (let url?, _?): .package(url: url, from: "0.1.0", traits: Set(traits))
  case (nil, nil): .package(name: "swift-sockets", path: environment["CONSUMER_PATH"]!)
  case (nil, _?): .package(name: "swift-sockets", path: environment["CONSUMER_PATH"]!, traits: Set(traits))
  }

let package = Package(
  name: "Consumer",
  dependencies: [dependency],
  targets: [
    .executableTarget(
      name: "Consumer",
      dependencies: [.product(name: "Sockets", package: "swift-sockets"), "CConsumer"],
      swiftSettings: [.strictMemorySafety(), .treatAllWarnings(as: .error)]),
    .target(name: "CConsumer", dependencies: [.product(name: "CSockets", package: "swift-sockets")]),
  ]
)
