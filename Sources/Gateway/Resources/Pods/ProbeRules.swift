// What makes a probe or a hook invalid beyond its schema.

import APIModel
import JSON

/// The ways of asking a container something.
enum HandlerRules {
    private static let handlers = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"]

    static func errors(_ handler: JSONValue?, _ path: FieldPath) -> [FieldError] {
        guard let handler, !handler.isNull else { return [] }
        let present = OneOf.present(handler, handlers)
        var errors = present.dropFirst().map { name in
            FieldError.forbidden(path.child(name), "may not specify more than 1 handler type")
        }
        guard let first = present.first else {
            return [.required(path, "must specify a handler type")]
        }
        if first == "exec", handler["exec"]?.has("command") == false {
            errors.append(.required(path.child("exec").child("command")))
        }
        if first == "httpGet" || first == "tcpSocket",
            let port = handler[first]?["port"].flatMap({ IntOrString($0) })
        {
            errors += port.portErrors(path.child(first).child("port"))
        }
        return errors
    }
}

enum ProbeRules {
    /// `name` is the member: `livenessProbe`, `readinessProbe` or `startupProbe`.
    static func errors(_ probe: JSONValue?, _ path: FieldPath, _ name: String) -> [FieldError] {
        guard let probe, !probe.isNull else { return [] }
        var errors = HandlerRules.errors(probe, path)
        if name == "readinessProbe" {
            if let seconds = probe["terminationGracePeriodSeconds"], !seconds.isNull {
                errors.append(
                    .invalid(
                        path.child("terminationGracePeriodSeconds"), seconds,
                        "must not be set for readinessProbes"))
            }
        } else if let threshold = probe["successThreshold"], threshold != 1 {
            errors.append(.invalid(path.child("successThreshold"), threshold, "must be 1"))
        }
        return errors
    }
}
