// GET of one object.

import APIModel
import Buffers
import HTTPServer
import HTTPWire
import JSON
import Storage
import WatchCache

struct ObjectRead {
    let gateway: Gateway
    let read: ReadRequest

    /// Answers at once, or when the cache shows the state that the client may expect.
    func run() {
        do {
            let number = try ResourceVersion.parse(read.query["resourceVersion"] ?? "")
            gateway.whenFresh(Freshness(number), read) { read in
                ObjectRead(gateway: gateway, read: read).answer()
            }
        } catch {
            read.refuse(error)
        }
    }

    private func answer() {
        let snapshot = read.endpoint.cache.servedSnapshot()
        guard let object = snapshot.object(Key(read.target.key)) else {
            read.refuse(.notFound(read.endpoint.qualifiedResource, read.target.name!.description))
            return
        }
        let condition = Condition(read.request.head)
        guard condition.isMet(by: object.revision) else {
            respond(with: object)
            return
        }
        guard let wait = condition.wait else {
            read.respond(Answer.notModified(EntityTag(object.revision)))
            return
        }
        let filter = FilterCompiler(read.target).object()
        let waiting = ObjectRead(gateway: gateway, read: read.lasting(read.verb))
        Waits(gateway: gateway).wait(
            read, filter: filter, after: snapshot.revision, atMost: wait
        ) { _ in waiting.respondAfterWait(shown: object.revision) }
    }

    private func respondAfterWait(shown: Revision) {
        guard let object = present() else {
            read.refuse(.notFound(read.endpoint.qualifiedResource, read.target.name!.description))
            return
        }
        if object.revision == shown {
            read.respond(Answer.notModified(EntityTag(shown)))
        } else {
            respond(with: object)
        }
    }

    private func present() -> CachedObject? {
        read.endpoint.cache.snapshot().object(Key(read.target.key))
    }

    private func respond(with object: CachedObject) {
        let representation = Representation(
            endpoint: read.endpoint, acceptance: read.acceptance, query: read.query)
        if read.target.subresource == "scale" {
            respondWithScale(object)
            return
        }
        do {
            var answer = try representation.answer(for: object)
            answer.entityTag = EntityTag(object.revision)
            read.respond(answer)
        } catch {
            read.refuse(error)
        }
    }

    private func respondWithScale(_ object: CachedObject) {
        do throws(APIStatus) {
            guard let view = ScaleView(read.endpoint) else { throw APIStatus.genericNotFound }
            let current = try StoredForm(endpoint: read.endpoint).decode(object)
            let scale = try view.scale(of: current.value)
            let isTable = read.acceptance.view == .table
            var answer = try Representation.document(
                isTable ? ScaleTable.document(of: scale).bytes : scale.bytes, read.acceptance)
            answer.entityTag = EntityTag(object.revision)
            read.respond(answer)
        } catch {
            read.refuse(error)
        }
    }
}
