// GET with `poll=true&cursor=NAME`: a poll that goes on from where its client was.

import APIModel
import Access
import EventLoops
import HTTPServer
import Storage
import WatchCache

struct CursorPoll {
    let poll: PollRead
    /// Whose cursor it is.
    let user: User

    private var read: ReadRequest { poll.read }
    private var gateway: Gateway { poll.gateway }

    /// Stores what the client acknowledges, and then polls. Does so when the cache has reached the
    /// revision that the client named.
    func run(_ name: String) {
        do {
            let use = try use(name)
            guard case .through(let revision) = use.acknowledgement else {
                take(use)
                return
            }
            gateway.whenReached(revision, read) { acknowledge(revision, use) }
        } catch {
            read.refuse(error)
        }
    }

    private func use(_ name: String) throws(APIStatus) -> CursorUse {
        guard read.endpoint !== gateway.cursors.endpoint else { throw .cursorOfCursors }
        return CursorUse(
            name: try CursorName(name, of: user.name.string),
            collection: FollowedCollection(read.target, poll.options),
            followed: read.endpoint.cache,
            acknowledgement: Acknowledgement(poll.options.resourceVersion))
    }

    /// What is out of the window is not stored: nobody could go on from it.
    private func acknowledge(_ revision: Revision, _ use: CursorUse) {
        let oldest = read.endpoint.cache.oldestRevision
        guard revision >= oldest else {
            read.refuse(poll.expired(revision, oldest: oldest).startingOver(use.name))
            return
        }
        take(use)
    }

    private func take(_ use: CursorUse) {
        let cursors = gateway.cursors
        let goOn = LoopBound<Result<HeldCursor, APIStatus>> { result in
            switch result {
            case .success(let cursor): poll.run(cursor)
            case .failure(let refusal): read.refuse(refusal)
            }
        }
        Task(executorPreference: read.exchange.loop) {
            do throws(APIStatus) {
                goOn(.success(try await cursors.take(use)))
            } catch {
                goOn(.failure(error))
            }
        }
    }
}
