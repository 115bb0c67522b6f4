// `binnacle-follow`: the example of APIClient, and a way to look at a resource as it changes.

import APIClient
import APIModel
import ArgumentParser
import Dispatch
import EventLoops
import Glibc
import HTTPClient
import JSON

@main
struct Follow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "binnacle-follow",
        abstract: "Follow a resource with a local cache, and print what happens.",
        discussion: """
            With --cache FILE it goes on where it was when it is started again. A line with a \
            revision on its input is answered with the objects as they are once that is reached.
            """)

    @Option(help: "A kubeconfig. Without it: the servers of --servers, without authentication.")
    var kubeconfig: String?

    @Option(help: "Servers over one store, such as http://127.0.0.1:8080. May be repeated.")
    var server: [String] = []

    @Option(help: "Where the objects are kept between runs.")
    var cache: String?

    @Option(help: "Only the objects of this namespace.")
    var namespace: String?

    @Flag(help: "Print each change.")
    var changes = false

    @Argument(help: "A resource of the core group, such as pods.")
    var resource: String

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        let endpoints = server.compactMap { Endpoint($0) }
        guard endpoints.count == server.count, kubeconfig != nil || !endpoints.isEmpty else {
            throw ValidationError("give --kubeconfig, or --server such as http://127.0.0.1:8080")
        }
        let configuration = try kubeconfig.map {
            try Configuration.kubeconfig($0, further: endpoints)
        }
        let group = try EventLoopGroup(count: 1)
        let api = API(configuration ?? Configuration(servers: endpoints), on: group.loops[0])
        let informer = Informer(
            api, Resource(resource, in: namespace), file: cache,
            onReport: { say(describe($0)) },
            onChange: { [changes] change in if changes { say(describe(change)) } })
        let following = Task { await informer.run() }
        await answerQuestions(informer)
        following.cancel()
        await following.value
    }

    /// Reads revisions from the input, without holding a thread of the tasks.
    private func answerQuestions(_ informer: Informer) async {
        let lines = AsyncStream<String> { continuation in
            DispatchQueue(label: "input").async {
                while let line = readLine() { continuation.yield(line) }
                continuation.finish()
            }
        }
        for await line in lines {
            guard let revision = UInt64(line) else { continue }
            await informer.wait(for: revision)
            guard let present = informer.present else { continue }
            var text = "state revision=\(present.revision) count=\(present.objects.count)\n"
            for (key, object) in present.objects.sorted(by: { $0.key < $1.key }) {
                text += "\(key) \(ObjectMeta(of: object).resourceVersion)\n"
            }
            say(text + "end lists=\(informer.figures.lists)")
        }
    }
}

/// Prints a line, or several that stay together. Not through the C library: flushing its streams
/// would wait for the one that is being read.
private func say(_ text: String) {
    var rest = Array((text + "\n").utf8)[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
    }
}

private func describe(_ change: ObjectChange) -> String {
    let (word, object) =
        switch change {
        case .added(let object): ("added", object)
        case .updated(_, let object): ("updated", object)
        case .deleted(let object): ("deleted", object)
        }
    let metadata = ObjectMeta(of: object)
    return "\(word) \(metadata.namespace)/\(metadata.name) \(metadata.resourceVersion)"
}

private func describe(_ report: Informer.Report) -> String {
    switch report {
    case .resumed(let revision, let count): "resumed revision=\(revision) count=\(count)"
    case .listed(let revision, let count): "listed revision=\(revision) count=\(count)"
    case .interrupted(let failure): "interrupted \(failure.map(\.description) ?? "in order")"
    case .fileTrouble(let what): "file \(what)"
    }
}
