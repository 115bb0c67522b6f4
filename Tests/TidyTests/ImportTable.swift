// Which module may import which. The table reads as `Sources/` does, from caller to kernel.

/// A target in `Sources/<group>/<name>` and the modules of this package that it may import.
struct ModuleRule: Sendable {
    let name: String
    let imports: Set<String>
    /// Modules of other packages.
    let foreign: Set<String>

    init(_ name: String, _ imports: Set<String> = [], foreign: Set<String> = []) {
        self.name = name
        self.imports = imports
        self.foreign = foreign
    }
}

enum ImportTable {
    /// A module may import only from groups below its own and from modules below it in its group.
    static let groups: [(name: String, modules: [ModuleRule])] = [
        (
            "Commands",
            [
                ModuleRule(
                    "binnacle",
                    [
                        "Relay", "APIServer", "Admission", "Access", "PKI", "Resources",
                        "HTTPClient",
                        "HTTPServer", "HTTPWire", "TLS", "EventLoops", "WatchCache",
                        "SQLiteStorage", "EtcdStorage", "Storage", "Observability", "Crypto",
                        "SystemCalls", "Buffers",
                    ], foreign: ["ArgumentParser", "Logging"]),
                ModuleRule(
                    "binnacle-follow",
                    ["APIClient", "APIModel", "JSON", "HTTPClient", "EventLoops"],
                    foreign: ["ArgumentParser"]),
                ModuleRule(
                    "binnacle-bench",
                    [
                        "Resources", "Schema", "HTTPWire", "SQLiteStorage", "WatchCache", "Storage",
                        "APIModel", "JSON", "Crypto", "SystemCalls", "Buffers",
                    ], foreign: ["ArgumentParser"]),
            ]
        ),
        (
            "Agents",
            [
                ModuleRule(
                    "APIClient",
                    [
                        "APIModel", "JSON", "HTTPClient", "HTTPWire", "TLS", "EventLoops", "SQLite",
                        "Crypto", "Buffers",
                    ], foreign: ["Yams"]),
                ModuleRule(
                    "Relay", ["HTTPClient", "HTTPWire", "EventLoops", "SystemCalls", "Buffers"]),
            ]
        ),
        (
            "Gateway",
            [
                ModuleRule(
                    "APIServer",
                    [
                        "Admission", "Outbound", "Access", "Crypto", "Resources", "Schema",
                        "Ownership", "APIModel", "JSON", "WatchCache", "Storage", "HTTPServer",
                        "HTTPWire", "EventLoops", "Compression", "Observability", "SystemCalls",
                        "Buffers",
                    ], foreign: ["Yams", "Logging"]),
                ModuleRule(
                    "Admission",
                    [
                        "Outbound", "Access", "Resources", "CEL", "APIModel", "JSON", "WatchCache",
                        "Storage", "Observability", "Buffers",
                    ], foreign: ["Logging"]),
                ModuleRule(
                    "Outbound",
                    [
                        "Access", "Resources", "APIModel", "JSON", "WatchCache", "Storage",
                        "HTTPClient", "HTTPWire", "EventLoops", "Crypto", "Buffers",
                    ]),
                ModuleRule(
                    "Access",
                    [
                        "Resources", "Schema", "APIModel", "JSON", "WatchCache", "Storage",
                        "Crypto", "Observability", "Buffers",
                    ], foreign: ["Logging"]),
                ModuleRule("PKI", ["APIModel", "JSON", "Crypto", "SystemCalls", "Buffers"]),
                ModuleRule(
                    "Resources", ["Schema", "CEL", "APIModel", "JSON", "Buffers", "COpenAPI"]),
                ModuleRule("COpenAPI"),
            ]
        ),
        (
            "Model",
            [
                ModuleRule(
                    "Schema",
                    ["CEL", "Patterns", "Ownership", "APIModel", "JSON", "Buffers"]),
                ModuleRule("CEL", ["Patterns", "APIModel", "JSON"]),
                ModuleRule("Patterns"),
                ModuleRule("Ownership", ["APIModel", "JSON", "Buffers"]),
                ModuleRule("APIModel", ["JSON", "Buffers"]),
                ModuleRule("JSON", ["Buffers"]),
            ]
        ),
        (
            "Storage",
            [
                ModuleRule("StorageTesting", ["Storage", "Buffers"], foreign: ["SeedTesting"]),
                ModuleRule("SQLiteStorage", ["Storage", "SQLite", "Buffers"]),
                ModuleRule(
                    "EtcdStorage",
                    ["Storage", "HTTPClient", "HTTPWire", "EventLoops", "Buffers"]),
                ModuleRule("WatchCache", ["Storage", "Compression", "Observability", "Buffers"]),
                ModuleRule("Storage", ["Buffers"]),
            ]
        ),
        (
            "HTTP",
            [
                ModuleRule(
                    "HTTPClient",
                    ["HTTPWire", "TLS", "EventLoops", "Crypto", "SystemCalls", "Buffers"]),
                ModuleRule(
                    "HTTPServer",
                    ["HTTPWire", "EventLoops", "Observability", "SystemCalls", "Buffers"]),
                ModuleRule("HTTPWire", ["Buffers"]),
            ]
        ),
        (
            "Transport",
            [
                ModuleRule("TLS", ["Crypto", "EventLoops", "SystemCalls", "Buffers"]),
                ModuleRule("EventLoops", ["SystemCalls", "Buffers"]),
            ]
        ),
        (
            "System",
            [
                ModuleRule("Observability", ["Buffers"]),
                ModuleRule("Crypto", ["COpenSSL", "Buffers"]),
                ModuleRule("SQLite", ["CSQLite", "Buffers"]),
                ModuleRule("Compression", ["CZlib", "Buffers"]),
                ModuleRule("SystemCalls", ["CLinux", "Buffers"]),
                ModuleRule("Buffers"),
                ModuleRule("CLinux"),
                ModuleRule("COpenSSL"),
                ModuleRule("CSQLite"),
                ModuleRule("CZlib"),
            ]
        ),
    ]

    /// From top to bottom.
    static let modules = groups.flatMap(\.modules)

    /// Each C module has one importer, so that its pointers and their owners stay in one place.
    static let importerOfC = [
        "CLinux": "SystemCalls", "CZlib": "Compression", "CSQLite": "SQLite",
        "COpenSSL": "Crypto",
        "COpenAPI": "Resources",
    ]

    /// What comes with the toolchain and may be imported anywhere.
    static let toolchain: Set<String> = ["Swift", "Glibc", "Synchronization", "Dispatch"]

    /// These are fuzzed and simulated: they do no I/O and own no queue.
    static let pure: Set<String> = [
        "JSON", "APIModel", "Ownership", "Patterns", "CEL", "Schema", "HTTPWire", "Storage",
    ]

    /// Large, and slow on the request path. The tests that use it are listed here.
    static let foundationUsers: Set<String> = ["Tests/TidyTests/SourceTree.swift"]
}
