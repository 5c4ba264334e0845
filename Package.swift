// swift-tools-version: 6.2
import PackageDescription

/// One set of compiler settings for every Swift target.
let settings: [SwiftSetting] =
  [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
  ] + (Context.environment["CI"] == nil ? [] : [.treatAllWarnings(as: .error)])

/// For the targets that every byte goes through: debug builds check exclusive access, release builds
/// rely on it (3 % of a unary call's instructions).
let hotSettings =
  settings + [
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))
  ]

/// Takes the place of malloc in release builds; a call allocates and frees 15 times across nghttp2
/// and Swift, in bursts that overflow the caches of glibc's. The sanitizers need their own.
let allocator: [LinkerSetting] = [.linkedLibrary("mimalloc", .when(configuration: .release))]

let nio: [Target.Dependency] = [
  .product(name: "NIOCore", package: "swift-nio"),
  .product(name: "NIOPosix", package: "swift-nio"),
]
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let heap: Target.Dependency = .product(name: "HeapModule", package: "swift-collections")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let collections: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let serviceLifecycle: Target.Dependency = .product(
  name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(
  name: "UnixSignals", package: "swift-service-lifecycle")
let hashTrees: Target.Dependency = .product(
  name: "HashTreeCollections", package: "swift-collections")

func target(
  _ name: String, _ dependencies: [Target.Dependency] = [], settings: [SwiftSetting] = settings
) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

func systemLibrary(_ name: String, pkgConfig: String, debian: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([debian])])
}

let package = Package(
  name: "event-gateway",
  products: [
    .library(name: "DispatchWorker", targets: ["DispatchWorker"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
  ],
  targets: [
    systemLibrary("CNghttp2", pkgConfig: "libnghttp2", debian: "libnghttp2-dev"),
    systemLibrary("CProtobufC", pkgConfig: "libprotobuf-c", debian: "libprotobuf-c-dev"),
    systemLibrary("CZlib", pkgConfig: "zlib", debian: "zlib1g-dev"),
    systemLibrary("CSQLite", pkgConfig: "sqlite3", debian: "libsqlite3-dev"),
    .target(name: "CEventProtos", dependencies: ["CProtobufC"]),

    target("Encodings"),
    target("JSON"),
    target("Expressions", ["JSON", "Encodings"]),
    .target(name: "CRE2", linkerSettings: [.linkedLibrary("re2")]),
    target("JSONSchema", ["JSON", "CRE2"]),
    target("HTTP2", ["CNghttp2"], settings: hotSettings),
    target(
      "GRPC", ["HTTP2", "CZlib", "Encodings", logging, nioSSL, nioTLS] + nio,
      settings: hotSettings),
    target("EventCore", ["Encodings"], settings: hotSettings),
    target("Fairness", [collections], settings: hotSettings),
    target(
      "Matching", ["EventCore", "JSON", "JSONSchema", "Expressions", hashTrees],
      settings: hotSettings),
    target(
      "Messages", ["CEventProtos", "CProtobufC", "EventCore", "Encodings"], settings: hotSettings),
    target(
      "SQLiteStore", ["CSQLite", "Fairness", "EventCore", logging, collections],
      settings: hotSettings),
    target(
      "Executors", ["Matching", "Fairness", "EventCore", logging, collections, heap],
      settings: hotSettings),
    target("Workers", ["EventCore", collections], settings: hotSettings),
    target(
      "Runtimes",
      [
        "Workers", "Fairness", "GRPC", "Messages", "EventCore", "JSON", "Encodings", crypto,
        logging, collections, nioSSL,
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOHTTP2", package: "swift-nio-http2"),
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ] + nio),
    target(
      "EventGateway",
      [
        "GRPC", "Messages", "Executors", "Workers", "Matching", "EventCore", "Encodings", logging,
      ] + nio, settings: hotSettings),
    .executableTarget(
      name: "event-gateway",
      dependencies: [
        "EventGateway", "SQLiteStore", "Executors", "Runtimes", "Workers", "GRPC", "Messages",
        "Matching",
        "EventCore", logging,
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        serviceLifecycle, unixSignals,
      ] + nio,
      swiftSettings: settings, linkerSettings: allocator),

    target(
      "DispatchWorker",
      ["GRPC", "Messages", "EventCore", logging, collections, serviceLifecycle] + nio),
    .executableTarget(
      name: "word-count-worker",
      dependencies: ["DispatchWorker", logging, serviceLifecycle, unixSignals],
      path: "Examples/worker/swift", swiftSettings: settings),

    .executableTarget(
      name: "store-benchmark", dependencies: ["SQLiteStore", "EventCore", logging],
      path: "Benchmarks/store-benchmark", swiftSettings: settings),
    .executableTarget(
      name: "matching-benchmark", dependencies: ["Matching", "EventCore"],
      path: "Benchmarks/matching-benchmark", swiftSettings: settings),
    .executableTarget(
      name: "fairness-benchmark",
      dependencies: [
        "EventGateway", "EventCore", "GRPC", "Messages",
        .product(name: "NIOHTTP1", package: "swift-nio"),
      ] + nio,
      path: "Benchmarks/fairness-benchmark", swiftSettings: settings, linkerSettings: allocator),
    .executableTarget(
      name: "echo-server", dependencies: ["GRPC", logging] + nio,
      path: "Benchmarks/echo-server", swiftSettings: settings, linkerSettings: allocator),

    .executableTarget(
      name: "schema-benchmark", dependencies: ["JSONSchema", "JSON"],
      path: "Benchmarks/schema-benchmark", swiftSettings: settings),

    .target(
      name: "CTestProtos", dependencies: ["CProtobufC"], path: "Tests/Interop/CTestProtos"),
    .executableTarget(
      name: "interop",
      dependencies: [
        "CTestProtos", "CProtobufC", "GRPC", logging,
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ] + nio,
      path: "Tests/Interop/interop", swiftSettings: settings),
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: settings),
    .target(
      name: "MemoryStore", dependencies: ["EventCore", "TestSupport", collections],
      path: "Tests/MemoryStore", swiftSettings: settings),
    .target(
      name: "OfficialSuites", dependencies: ["JSONSchema", "Expressions", "JSON"],
      path: "Tests/OfficialSuites", swiftSettings: settings),
    .executableTarget(
      name: "conformance", dependencies: ["OfficialSuites"], path: "Tests/conformance",
      swiftSettings: settings),
    tests("OfficialSuitesTests", ["OfficialSuites"]),
    tests("EncodingsTests", ["Encodings"]),
    .executableTarget(
      name: "library-worker",
      dependencies: ["DispatchWorker", logging, serviceLifecycle, unixSignals],
      path: "Tests/EndToEnd/workers", exclude: ["library_worker.py"], swiftSettings: settings),
    tests("DispatchWorkerTests", ["DispatchWorker", "Messages", "EventCore"]),
    tests("FairnessTests", ["Fairness"]),
    tests("WorkersTests", ["TestSupport", "Workers", "EventCore"]),
    tests("JSONTests", ["TestSupport", "JSON"]),
    tests("JSONSchemaTests", ["TestSupport", "OfficialSuites", "JSONSchema", "JSON"]),
    tests("ExpressionsTests", ["TestSupport", "OfficialSuites", "Expressions", "JSON"]),
    tests("HTTP2Tests", ["TestSupport", "HTTP2", "CNghttp2"]),
    tests(
      "GRPCTests",
      [
        "TestSupport", "GRPC", "HTTP2", "CZlib", logging, nioSSL,
        .product(name: "NIOEmbedded", package: "swift-nio"),
      ] + nio),
    .target(
      name: "StoreConformance", dependencies: ["Matching", "EventCore"],
      path: "Tests/StoreConformance", swiftSettings: settings),
    tests(
      "MemoryStoreTests", ["TestSupport", "MemoryStore", "StoreConformance", "EventCore"]),
    tests(
      "SQLiteStoreTests",
      ["TestSupport", "SQLiteStore", "StoreConformance", "EventCore", "CSQLite", logging]),
    tests("EventCoreTests", ["TestSupport", "Matching", "EventCore"]),
    tests("MatchingTests", ["TestSupport", "Matching", "EventCore", "Expressions", "JSON"]),
    tests("SimulationTests", ["TestSupport", "MemoryStore", "Matching", "EventCore"]),
    tests("MessagesTests", ["TestSupport", "Messages", "EventCore", "CEventProtos", "CProtobufC"]),
    tests(
      "EventGatewayTests",
      [
        "TestSupport", "MemoryStore", "EventGateway", "EventCore", "Executors", "GRPC", "Matching",
        "Messages", logging,
      ] + nio),
    tests(
      "CommandLineTests",
      [
        "event-gateway", "EventCore", "Messages",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    tests(
      "RuntimesTests",
      [
        "TestSupport", "Runtimes", "Workers", "GRPC", "Messages", "EventCore", logging,
        .product(name: "NIOHTTP1", package: "swift-nio"),
      ] + nio),
    tests(
      "ExecutorsTests",
      ["TestSupport", "MemoryStore", "Executors", "Matching", "EventCore", logging]),
  ],
  cxxLanguageStandard: .cxx17
)
