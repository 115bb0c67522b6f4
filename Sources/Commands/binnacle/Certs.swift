// `binnacle certs`: what keys and certificates there are, and when they expire.

import ArgumentParser
import Crypto
import PKI

struct Certs: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the keys and certificates of a data directory, and when they expire.",
        discussion: """
            Exits with 1 when one has expired or cannot be used, or when there are none. A \
            certificate of which less than a third of its life is left is renewed by the server \
            within a day.
            """)

    @Option(help: "Where the data is kept.")
    var dataDir: String = "./data"

    @Flag(help: "First make what is missing and renew what is due, as the server does.")
    var make = false

    @Option(help: "With --make: a further name or address of the server. May be repeated.")
    var tlsSan: [String] = []

    func run() throws {
        let directory = PKIDirectory(dataDirectory: dataDir)
        let now = WallTime.now
        do {
            if make { try prepare(directory, now) }
        } catch {
            throw StartFailure(description: "binnacle: \(error)")
        }
        let entries = directory.inventory(now: now)
        guard !entries.isEmpty else {
            throw StartFailure(
                description: "binnacle: \(dataDir) has no keys or certificates: add --make")
        }
        print(InventoryTable.text(entries, now: now), terminator: "")
        if entries.contains(where: \.isProblem) { throw ExitCode.failure }
    }

    private func prepare(_ directory: PKIDirectory, _ now: WallTime) throws {
        let names = try PKIRequest.servingNames(
            hostName: PKIRequest.hostName, additional: tlsSan)
        let request = PKIRequest(servingNames: names, trustsOwnAuthority: true)
        let contents = try directory.prepare(request, now: now)
        for change in contents.changes { print(change) }
        for warning in contents.warnings { print("warning: \(warning)") }
    }
}
