// swift-tools-version: 6.2
// Groups are folders, modules are targets; Sources/ reads from caller to kernel.
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A Swift module in `Sources/<group>/<name>`.
func module(
    _ name: String, in group: String, _ dependencies: [Target.Dependency] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/\(group)/\(name)",
        swiftSettings: settings)
}

/// The tests of one module, in `Tests/<name>Tests`.
func tests(of name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name), "SeedTesting"] + dependencies,
        path: "Tests/\(name)Tests", swiftSettings: settings)
}

let package = Package(
    name: "binnacle",
    products: [
        .executable(name: "binnacle", targets: ["binnacle"]),
        .executable(name: "binnacle-bench", targets: ["binnacle-bench"]),
        .executable(name: "binnacle-follow", targets: ["binnacle-follow"]),
        .library(name: "APIClient", targets: ["APIClient"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // Commands
        .executableTarget(
            name: "binnacle",
            dependencies: [
                "Relay", "APIServer", "Admission", "Access", "PKI", "Resources", "HTTPClient",
                "HTTPServer",
                "TLS", "EventLoops", "WatchCache", "SQLiteStorage", "EtcdStorage", "Storage",
                "Crypto", "SystemCalls", "Observability", "Buffers",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Sources/Commands/binnacle", swiftSettings: settings),
        .executableTarget(
            name: "binnacle-bench",
            dependencies: [
                "Resources", "Schema", "HTTPWire", "SQLiteStorage", "WatchCache", "Storage",
                "APIModel", "JSON", "Crypto", "SystemCalls", "Buffers",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Sources/Commands/binnacle-bench", swiftSettings: settings),

        .executableTarget(
            name: "binnacle-follow",
            dependencies: [
                "APIClient", "APIModel", "JSON", "HTTPClient", "EventLoops",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Sources/Commands/binnacle-follow", swiftSettings: settings),

        // Agents
        module(
            "APIClient", in: "Agents",
            [
                "APIModel", "JSON", "HTTPClient", "HTTPWire", "TLS", "EventLoops", "SQLite",
                "Crypto", "Buffers",
                .product(name: "Yams", package: "Yams"),
            ]),
        module(
            "Relay", in: "Agents",
            ["HTTPClient", "HTTPWire", "EventLoops", "SystemCalls", "Buffers"]),

        // Gateway
        module(
            "APIServer", in: "Gateway",
            [
                "Admission", "Outbound", "Access", "Resources", "Schema", "Ownership", "APIModel",
                "JSON", "WatchCache", "Storage", "HTTPServer", "HTTPWire", "EventLoops",
                "Compression", "Observability", "Crypto", "SystemCalls", "Buffers",
                .product(name: "Yams", package: "Yams"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        module(
            "Admission", in: "Gateway",
            [
                "Outbound", "Access", "Resources", "CEL", "APIModel", "JSON", "WatchCache",
                "Storage", "Observability", "Buffers",
                .product(name: "Logging", package: "swift-log"),
            ]),
        module(
            "Outbound", in: "Gateway",
            [
                "Access", "Resources", "APIModel", "JSON", "WatchCache", "Storage", "HTTPClient",
                "HTTPWire", "EventLoops", "Crypto", "Buffers",
            ]),
        module(
            "Access", in: "Gateway",
            [
                "Resources", "Schema", "APIModel", "JSON", "WatchCache", "Storage", "Crypto",
                "Observability", "Buffers",
                .product(name: "Logging", package: "swift-log"),
            ]),
        module(
            "PKI", in: "Gateway", ["APIModel", "JSON", "Crypto", "SystemCalls", "Buffers"]),
        module(
            "Resources", in: "Gateway",
            ["Schema", "CEL", "APIModel", "JSON", "Buffers", "COpenAPI"]),
        .target(name: "COpenAPI", path: "Sources/Gateway/COpenAPI"),

        // Model
        module(
            "Schema", in: "Model",
            ["CEL", "Patterns", "Ownership", "APIModel", "JSON", "Buffers"]),
        module("CEL", in: "Model", ["Patterns", "APIModel", "JSON"]),
        module("Patterns", in: "Model"),
        module("Ownership", in: "Model", ["APIModel", "JSON", "Buffers"]),
        module("APIModel", in: "Model", ["JSON", "Buffers"]),
        module("JSON", in: "Model", ["Buffers"]),

        // Storage
        module("StorageTesting", in: "Storage", ["Storage", "Buffers", "SeedTesting"]),
        module("SQLiteStorage", in: "Storage", ["Storage", "SQLite", "Buffers"]),
        module(
            "EtcdStorage", in: "Storage",
            ["Storage", "HTTPClient", "HTTPWire", "EventLoops", "Buffers"]),
        module(
            "WatchCache", in: "Storage", ["Storage", "Compression", "Observability", "Buffers"]),
        module("Storage", in: "Storage", ["Buffers"]),

        // HTTP
        module(
            "HTTPClient", in: "HTTP",
            ["HTTPWire", "TLS", "EventLoops", "Crypto", "SystemCalls", "Buffers"]),
        module(
            "HTTPServer", in: "HTTP",
            ["HTTPWire", "EventLoops", "SystemCalls", "Buffers"]),
        module("HTTPWire", in: "HTTP", ["Buffers"]),

        // Transport
        module("TLS", in: "Transport", ["Crypto", "EventLoops", "SystemCalls", "Buffers"]),
        module("EventLoops", in: "Transport", ["SystemCalls", "Buffers"]),

        // System
        module("Observability", in: "System", ["Buffers"]),
        module("Crypto", in: "System", ["COpenSSL", "Buffers"]),
        module("SQLite", in: "System", ["CSQLite", "Buffers"]),
        module("Compression", in: "System", ["CZlib", "Buffers"]),
        module("SystemCalls", in: "System", ["CLinux", "Buffers"]),
        module("Buffers", in: "System"),
        .target(name: "CLinux", path: "Sources/System/CLinux"),
        .systemLibrary(
            name: "COpenSSL", path: "Sources/System/COpenSSL", pkgConfig: "openssl",
            providers: [.apt(["libssl-dev"])]),
        .systemLibrary(
            name: "CZlib", path: "Sources/System/CZlib", pkgConfig: "zlib",
            providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(
            name: "CSQLite", path: "Sources/System/CSQLite", pkgConfig: "sqlite3",
            providers: [.apt(["libsqlite3-dev"])]),

        // Tests
        .target(
            name: "SeedTesting", path: "Tests/Support/SeedTesting", swiftSettings: settings),
        .target(
            name: "ObjectTesting",
            dependencies: ["Schema", "APIModel", "JSON", "Buffers", "SeedTesting"],
            path: "Tests/Support/ObjectTesting", swiftSettings: settings),
        tests(of: "Buffers"),
        tests(of: "Compression", ["Buffers"]),
        tests(of: "Crypto", ["Buffers"]),
        tests(of: "Observability", ["Buffers"]),
        tests(of: "EventLoops", ["SystemCalls", "Buffers"]),
        tests(
            of: "TLS",
            [
                "HTTPTesting", "HTTPServer", "HTTPWire", "Crypto", "EventLoops", "SystemCalls",
                "Buffers",
            ]),
        tests(of: "HTTPWire", ["Buffers"]),
        tests(
            of: "HTTPServer",
            ["HTTPTesting", "HTTPWire", "EventLoops", "SystemCalls", "Buffers"]),
        tests(
            of: "HTTPClient",
            [
                "HTTPTesting", "HTTPServer", "HTTPWire", "TLS", "EventLoops", "Crypto",
                "SystemCalls", "Buffers",
            ]),
        tests(of: "APIClient", ["HTTPClient", "HTTPWire", "JSON", "Buffers"]),
        tests(of: "Relay"),
        .target(
            name: "HTTPTesting", dependencies: ["Crypto", "EventLoops", "SystemCalls", "Buffers"],
            path: "Tests/Support/HTTPTesting", swiftSettings: settings),
        tests(of: "Storage", ["StorageTesting", "Buffers"]),
        tests(
            of: "SQLiteStorage",
            ["Storage", "StorageTesting", "SQLite", "Buffers", "store-crasher"]),
        .executableTarget(
            name: "store-crasher",
            dependencies: [
                "SQLiteStorage", "Storage", "StorageTesting", "SeedTesting", "Buffers",
            ],
            path: "Tests/Support/store-crasher", swiftSettings: settings),
        tests(
            of: "EtcdStorage",
            [
                "EtcdTesting", "SQLiteStorage", "Storage", "StorageTesting", "HTTPClient", "TLS",
                "EventLoops", "PKI", "Crypto", "Buffers",
            ]),
        .target(
            name: "EtcdTesting", dependencies: ["PKI", "Crypto", "Buffers"],
            path: "Tests/Support/EtcdTesting", swiftSettings: settings),
        tests(
            of: "WatchCache",
            ["SQLiteStorage", "Storage", "StorageTesting", "Compression", "Buffers"]),
        tests(of: "JSON", ["Buffers"]),
        tests(of: "APIModel", ["JSON", "Buffers"]),
        tests(of: "Schema", ["ObjectTesting", "Ownership", "APIModel", "JSON", "Buffers"]),
        tests(of: "CEL", ["APIModel", "JSON"]),
        tests(of: "Patterns"),
        tests(of: "Ownership", ["APIModel", "JSON", "Buffers"]),
        tests(
            of: "Resources",
            ["ObjectTesting", "Schema", "Ownership", "APIModel", "JSON", "Buffers"]),
        tests(
            of: "Access",
            [
                "Resources", "Schema", "APIModel", "JSON", "WatchCache", "Storage", "Crypto",
                "Buffers",
            ]),
        tests(
            of: "Admission",
            [
                "Outbound", "Access", "Resources", "APIModel", "JSON", "WatchCache", "Storage",
                "HTTPClient", "Buffers",
            ]),
        tests(of: "PKI", ["APIModel", "Crypto", "Buffers"]),
        tests(
            of: "APIServer",
            [
                "ObjectTesting", "HTTPTesting", "Admission", "Access", "Crypto", "Resources",
                "HTTPServer",
                "HTTPWire",
                "EventLoops", "WatchCache", "Storage", "StorageTesting", "APIModel", "JSON",
                "Observability", "SystemCalls", "Buffers",
                .product(name: "Logging", package: "swift-log"),
            ]),
        tests(of: "binnacle-bench", ["Crypto", "JSON", "Buffers", "SystemCalls"]),
        .testTarget(name: "TidyTests", path: "Tests/TidyTests", swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
