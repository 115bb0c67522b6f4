// From one type to another.

import APIModel

enum Conversions {
    /// `nil` for what is no conversion.
    static func call(_ name: String, _ values: [Value]) throws(EvaluationError) -> Value? {
        guard values.count == 1 else { return nil }
        let value = values[0]
        switch name {
        case "dyn": return value
        case "type": return .type(value.typeName)
        case "bool": return try bool(value)
        case "int": return try int(value)
        case "uint": return try uint(value)
        case "double": return try double(value)
        case "string": return try string(value)
        case "bytes": return try bytes(value)
        case "duration": return try duration(value)
        case "timestamp": return try timestamp(value)
        default: return nil
        }
    }

    private static func failure(_ value: Value, _ type: String) -> EvaluationError {
        EvaluationError("type conversion error from '\(value.typeName)' to '\(type)'")
    }

    private static func bool(_ value: Value) throws(EvaluationError) -> Value {
        switch value {
        case .bool: return value
        case .string("true"), .string("True"), .string("TRUE"), .string("t"), .string("1"):
            return .bool(true)
        case .string("false"), .string("False"), .string("FALSE"), .string("f"), .string("0"):
            return .bool(false)
        default: throw failure(value, "bool")
        }
    }

    private static func int(_ value: Value) throws(EvaluationError) -> Value {
        let converted: Int64?
        switch value {
        case .int(let int): converted = int
        case .uint(let uint): converted = Int64(exactly: uint)
        case .double(let double): converted = Int64(exactly: double.rounded(.towardZero))
        case .string(let text): converted = Int64(text)
        case .timestamp(let time): converted = time.seconds
        default: converted = nil
        }
        guard let converted else { throw failure(value, "int") }
        return .int(converted)
    }

    private static func uint(_ value: Value) throws(EvaluationError) -> Value {
        let converted: UInt64?
        switch value {
        case .int(let int): converted = UInt64(exactly: int)
        case .uint(let uint): converted = uint
        case .double(let double): converted = UInt64(exactly: double.rounded(.towardZero))
        case .string(let text): converted = UInt64(text)
        default: converted = nil
        }
        guard let converted else { throw failure(value, "uint") }
        return .uint(converted)
    }

    private static func double(_ value: Value) throws(EvaluationError) -> Value {
        switch value {
        case .int(let int): return .double(Double(int))
        case .uint(let uint): return .double(Double(uint))
        case .double: return value
        case .string(let text):
            guard let double = Double(text) else { throw failure(value, "double") }
            return .double(double)
        default: throw failure(value, "double")
        }
    }

    private static func string(_ value: Value) throws(EvaluationError) -> Value {
        switch value {
        case .bytes(let bytes):
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw EvaluationError("invalid UTF-8 in bytes, cannot convert to string")
            }
            return .string(text)
        case .bool, .int, .uint, .double, .string, .duration, .timestamp, .ip, .cidr:
            return .string(value.shown)
        default: throw failure(value, "string")
        }
    }

    private static func bytes(_ value: Value) throws(EvaluationError) -> Value {
        switch value {
        case .bytes: return value
        case .string(let text): return .bytes(Array(text.utf8))
        default: throw failure(value, "bytes")
        }
    }

    private static func duration(_ value: Value) throws(EvaluationError) -> Value {
        if case .duration = value { return value }
        guard case .string(let text) = value, let duration = GoDuration(text) else {
            throw failure(value, "google.protobuf.Duration")
        }
        return .duration(duration)
    }

    private static func timestamp(_ value: Value) throws(EvaluationError) -> Value {
        switch value {
        case .timestamp: return value
        case .int(let seconds): return .timestamp(Timestamp(seconds: seconds))
        case .string(let text):
            guard let time = Timestamp(text) else {
                throw failure(value, "google.protobuf.Timestamp")
            }
            return .timestamp(time)
        default: throw failure(value, "google.protobuf.Timestamp")
        }
    }
}
