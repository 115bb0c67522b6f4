// What the status of a definition says.

import APIModel
import JSON
import Resources

/// All that matters for how a definition is served.
struct ServingBasis: Hashable {
    let uid: String
    /// Counts the changes of the specification.
    let generation: Int64
    let names: CustomDefinition.Names
    let isEnding: Bool
}

/// The names and conditions of a definition, as they should be now.
struct DefinitionStatus {
    private let definition: CustomDefinition
    let accepted: AcceptedNames
    private let now: Timestamp

    init(_ definition: CustomDefinition, _ accepted: AcceptedNames, now: Timestamp) {
        self.definition = definition
        self.accepted = accepted
        self.now = now
    }

    /// Whether objects of the kind are served: once it has all its names, for ever.
    var isEstablished: Bool { accepted.conflict == nil || definition.isEstablished }

    var basis: ServingBasis {
        ServingBasis(
            uid: definition.meta.uid, generation: definition.meta.generation,
            names: accepted.names, isEnding: definition.isEndingObjects)
    }

    /// The definition with the names that it may have.
    var definitionAsAccepted: CustomDefinition {
        var object = definition.object
        object["status"] = json
        return CustomDefinition(object)
    }

    /// The whole status; equal to the present one when nothing is to be changed.
    var json: JSONValue {
        var status = definition.object["status"] ?? .object(JSONObject())
        status["acceptedNames"] = accepted.names.json
        status["conditions"] = .array(conditions)
        return status
    }

    private var conditions: [JSONValue] {
        var conditions = definition.object["status"]?["conditions"]?.array ?? []
        if let conflict = accepted.conflict {
            set("NamesAccepted", "False", conflict.reason, conflict.message, in: &conditions)
        } else {
            set("NamesAccepted", "True", "NoConflicts", "no conflicts found", in: &conditions)
        }
        if isEstablished {
            set(
                "Established", "True", "InitialNamesAccepted",
                "the initial names have been accepted", in: &conditions)
        } else {
            set(
                "Established", "False", "NotAccepted", "not all names are accepted", in: &conditions
            )
        }
        if definition.isEndingObjects {
            set(
                "Terminating", "True", "InstanceDeletionInProgress",
                "CustomResource deletion is in progress", in: &conditions)
        }
        return conditions
    }

    /// A condition whose status stays the same keeps the moment of its last change.
    private func set(
        _ type: String, _ status: String, _ reason: String, _ message: String,
        in conditions: inout [JSONValue]
    ) {
        let index = conditions.firstIndex { $0["type"]?.string == type }
        if let index, conditions[index]["status"]?.string == status { return }
        let condition: JSONValue = [
            "type": .string(type), "status": .string(status),
            "lastTransitionTime": .string(now.description), "reason": .string(reason),
            "message": .string(message),
        ]
        if let index { conditions[index] = condition } else { conditions.append(condition) }
    }
}
