// A document that a JSON Patch is changing.

import Buffers
import JSON

/// A document and how much it has grown by.
struct PatchedDocument {
    private(set) var document: JSONValue
    private var copiedByteCount = 0
    /// Never less than the document's depth.
    private var depthBound: Int

    init(_ document: JSONValue) {
        self.document = document
        depthBound = document.nestingDepth
    }

    mutating func apply(_ operation: JSONPatch.Operation) throws(PatchFailure) {
        switch operation {
        case .add(let path, let value):
            try reserveDepth(path.steps.count + value.nestingDepth)
            try add(value, at: path)
        case .remove(let path): _ = try remove(at: path)
        case .replace(let path, let value):
            try reserveDepth(path.steps.count + value.nestingDepth)
            try replace(with: value, at: path)
        case .move(let from, let path): try move(from: from, to: path)
        case .copy(let from, let path): try copy(from: from, to: path)
        case .test(let path, let value):
            guard try read(path) == value else { throw PatchFailure("the value is not equal") }
        }
    }

    private mutating func reserveDepth(_ depth: Int) throws(PatchFailure) {
        guard depth <= Limits.patchedDepthMax else {
            throw PatchFailure("the document would be nested too deeply", isTooLarge: true)
        }
        depthBound = max(depthBound, depth)
    }

    private mutating func move(
        from: JSONPointer, to path: JSONPointer
    ) throws(PatchFailure) {
        if from == path {
            _ = try read(from)
            return
        }
        guard !from.contains(path) else {
            throw PatchFailure("a value cannot be moved into itself")
        }
        // The value's own depth would have to be measured for each move; this is never too little.
        try reserveDepth(depthBound + max(0, path.steps.count - from.steps.count))
        try add(try remove(at: from), at: path)
    }

    private mutating func copy(
        from: JSONPointer, to path: JSONPointer
    ) throws(PatchFailure) {
        let value = try read(from)
        copiedByteCount += value.bytes.count
        guard copiedByteCount <= Limits.jsonPatchCopiedByteCountMax else {
            throw PatchFailure(
                "the copy operations of a JSON patch may add at most "
                    + "\(Limits.jsonPatchCopiedByteCountMax) bytes", isTooLarge: true)
        }
        try reserveDepth(path.steps.count + value.nestingDepth)
        try add(value, at: path)
    }

    private func read(_ path: JSONPointer) throws(PatchFailure) -> JSONValue {
        var value = document
        for step in path.steps {
            switch value {
            case .object(let members):
                guard let member = members[step] else { throw .missing(step) }
                value = member
            case .array(let elements):
                value = elements[try Self.index(step, below: elements.count)]
            default: throw .noContainer(step)
            }
        }
        return value
    }

    private mutating func add(_ value: JSONValue, at path: JSONPointer) throws(PatchFailure) {
        guard let last = path.steps.last else {
            document = value
            return
        }
        try document.change(path.steps.dropLast()) { (parent) throws(PatchFailure) in
            switch parent {
            case .object: parent[last] = value
            case .array(var elements):
                parent = .null
                defer { parent = .array(elements) }
                let index =
                    last == "-"
                    ? elements.count : try Self.index(last, below: elements.count + 1)
                elements.insert(value, at: index)
            default: throw .noContainer(last)
            }
        }
    }

    private mutating func remove(at path: JSONPointer) throws(PatchFailure) -> JSONValue {
        guard let last = path.steps.last else {
            throw PatchFailure("the whole document cannot be removed")
        }
        var removed = JSONValue.null
        try document.change(path.steps.dropLast()) { (parent) throws(PatchFailure) in
            switch parent {
            case .object:
                guard let member = parent[last] else { throw .missing(last) }
                removed = member
                parent[last] = nil
            case .array(var elements):
                parent = .null
                defer { parent = .array(elements) }
                removed = elements.remove(at: try Self.index(last, below: elements.count))
            default: throw .noContainer(last)
            }
        }
        return removed
    }

    private mutating func replace(
        with value: JSONValue, at path: JSONPointer
    ) throws(PatchFailure) {
        try document.change(path.steps[...]) { (place) in place = value }
    }

    /// An array's index: decimal, no zero in front (RFC 6901, section 4).
    static func index(_ step: String, below end: Int) throws(PatchFailure) -> Int {
        let isPlain =
            !step.isEmpty && step.utf8.count <= 9 && step.utf8.allSatisfy(ByteClass.digit.contains)
            && (step == "0" || step.utf8.first != UInt8(ascii: "0"))
        guard isPlain, let index = Int(step) else {
            throw PatchFailure("\(step.quoted) is not an index of an array")
        }
        guard index < end else { throw PatchFailure("there is no element \(index)") }
        return index
    }
}

extension PatchFailure {
    static func missing(_ step: String) -> PatchFailure {
        PatchFailure("there is no member \(step.quoted)")
    }

    static func noContainer(_ step: String) -> PatchFailure {
        PatchFailure("\(step.quoted) is looked for in what is neither object nor array")
    }
}

extension JSONValue {
    /// Levels of arrays and objects: none for a scalar.
    var nestingDepth: Int {
        switch self {
        case .array(let elements): 1 + (elements.lazy.map(\.nestingDepth).max() ?? 0)
        case .object(let members): 1 + (members.lazy.map(\.value.nestingDepth).max() ?? 0)
        default: 0
        }
    }

    /// Changes the value at a place, in place: each container on the way is taken out of its parent
    /// while it is changed, so that nothing is copied.
    fileprivate mutating func change(
        _ steps: ArraySlice<String>, _ body: (inout JSONValue) throws(PatchFailure) -> Void
    ) throws(PatchFailure) {
        guard let step = steps.first else { return try body(&self) }
        switch self {
        case .object:
            guard var member = self[step] else { throw .missing(step) }
            self[step] = .null
            defer { self[step] = member }
            try member.change(steps.dropFirst(), body)
        case .array(var elements):
            let index = try PatchedDocument.index(step, below: elements.count)
            self = .null
            defer { self = .array(elements) }
            try elements[index].change(steps.dropFirst(), body)
        default: throw .noContainer(step)
        }
    }
}
