// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "Overlay",
  targets: [
    .systemLibrary(name: "COverlay", pkgConfig: "libbsd-overlay"),
    .target(name: "Overlay", dependencies: ["COverlay"]),
  ]
)
