// From a request of a resource to the verb that it asks for.

import APIModel
import Access
import EventLoops
import HTTPServer
import HTTPWire
import Resources

extension Gateway {
    func answer(
        _ target: ResourceTarget, _ requester: Requester, _ request: Request, _ exchange: Exchange
    ) {
        do throws(APIStatus) {
            let verb = try RequestVerb(request.head.method, target)
            if target.connects {
                try connect(target, verb, request, exchange)
            } else if verb.isRead {
                let read = try readRequest(verb, target, request, exchange)
                try self.read(read.made(by: requester))
            } else {
                let command = try WriteCommand(
                    verb, target, request, writer.environment.context())
                write(command.made(by: requester.user), verb, request, exchange)
            }
        } catch {
            exchange.respond(Answer(error).response)
            let verb = MeasuredVerb(RequestVerb(request.head.method))
            target.endpoint.counters.count(verb, code: error.httpCode)
        }
    }

    private func readRequest(
        _ verb: RequestVerb, _ target: ResourceTarget, _ request: Request, _ exchange: Exchange
    ) throws(APIStatus) -> ReadRequest {
        guard let acceptance = Acceptance(request.head.headers.first("accept")) else {
            throw .notAcceptable
        }
        return ReadRequest(
            request: request, exchange: exchange, target: target,
            query: try QueryItems(parsing: request.head.query), acceptance: acceptance,
            verb: MeasuredVerb(verb), began: exchange.loop.now)
    }

    private func read(_ read: ReadRequest) throws(APIStatus) {
        if read.target.name != nil, !read.target.isDeprecatedWatch {
            ObjectRead(gateway: self, read: read).run()
            return
        }
        try collection(read)
    }

    private func collection(_ read: ReadRequest) throws(APIStatus) {
        var options = try ListOptions(read.query)
        if read.target.isDeprecatedWatch { options.watch = true }
        guard options.cursor == nil || !options.watch else { throw .cursorNeedsPoll }
        let filter = try FilterCompiler(read.target).filter(options)
        if options.watch {
            let read = read.lasting(.watch)
            WatchRead(gateway: self, read: read, options: options, filter: filter).run()
        } else if options.poll {
            let poll = PollRead(
                gateway: self, read: read.lasting(.poll), options: options, filter: filter)
            guard let name = options.cursor else {
                poll.run()
                return
            }
            CursorPoll(poll: poll, user: read.requester.user).run(name)
        } else {
            CollectionRead(gateway: self, read: read, options: options, filter: filter).run()
        }
    }

    private func write(
        _ command: WriteCommand, _ verb: RequestVerb, _ request: Request, _ exchange: Exchange
    ) {
        let acceptsGzip = request.head.acceptsGzip
        let (writer, began) = (writer, exchange.loop.now)
        Task(executorPreference: exchange.loop) {
            var answer = await writer.answer(command)
            if acceptsGzip { answer.compress() }
            (exchange.observer as? AuditedExchange)?.annotate(answer.annotations)
            exchange.respond(answer.response)
            let counters = command.request.target.endpoint.counters
            counters.count(MeasuredVerb(verb), code: answer.status)
            counters.time(MeasuredVerb(verb), since: began, to: exchange.loop.now)
        }
    }

    func answer(
        _ target: VirtualTarget, by user: User, _ request: Request, _ exchange: Exchange
    ) {
        let began = exchange.loop.now
        Task(executorPreference: exchange.loop) {
            var answer = await VirtualCreation.answer(target, request, user)
            if request.head.acceptsGzip { answer.compress() }
            exchange.respond(answer.response)
            let counters = target.endpoint.counters
            counters.count(MeasuredVerb(.create), code: answer.status)
            counters.time(MeasuredVerb(.create), since: began, to: exchange.loop.now)
        }
    }

    /// For how long the credentials of who reads still count, or `limit` if that is shorter.
    func allowed(_ limit: Duration, _ read: ReadRequest) -> Duration {
        gatekeeper.remaining(read.requester).map { min($0, limit) } ?? limit
    }
}
