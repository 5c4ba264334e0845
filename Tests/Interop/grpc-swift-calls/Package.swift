// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that the gateway's builds never fetch a peer. build.sh generates the
// messages and stubs of the interoperability cases, docs/clients.md those of the generated client.
let grpc: [Target.Dependency] = [
  .product(name: "GRPCCore", package: "grpc-swift-2"),
  .product(name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport"),
  .product(name: "GRPCProtobuf", package: "grpc-swift-protobuf"),
]
let generators: [Target.Dependency] = [
  .product(name: "protoc-gen-grpc-swift-2", package: "grpc-swift-protobuf"),
  .product(name: "protoc-gen-swift", package: "swift-protobuf"),
]

let package = Package(
  name: "grpc-swift-calls",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(url: "https://github.com/grpc/grpc-swift-2", exact: "2.4.3"),
    .package(url: "https://github.com/grpc/grpc-swift-nio-transport", exact: "2.9.2"),
    .package(url: "https://github.com/grpc/grpc-swift-protobuf", exact: "2.4.1"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.38.0", traits: []),
  ],
  targets: [
    .executableTarget(
      name: "grpc-swift-calls",
      dependencies: grpc + generators, path: ".", exclude: ["build.sh", "client"],
      sources: ["Sources", "stubs"]),
    .executableTarget(name: "generated-client", dependencies: grpc + generators, path: "client"),
  ]
)
