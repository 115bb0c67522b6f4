import APIModel
import Buffers
import JSON
import Testing

@Suite struct APIStatusTests {
    private let pods = GroupResource(group: "", resource: "pods")
    private let deployments = GroupResource(group: "apps", resource: "deployments")

    private func text(_ status: APIStatus) -> String { status.bytes.description }

    @Test func `an object that is not there`() {
        #expect(
            text(.notFound(deployments, "x"))
                == #"""
                {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",\#
                "message":"deployments.apps \"x\" not found","reason":"NotFound",\#
                "details":{"name":"x","group":"apps","kind":"deployments"},"code":404}
                """#
        )
    }

    @Test func `a path that serves nothing has empty details`() {
        #expect(
            text(.genericNotFound)
                == #"""
                {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",\#
                "message":"the server could not find the requested resource","reason":"NotFound",\#
                "details":{},"code":404}
                """#
        )
    }

    @Test func `a bad request has no details`() {
        #expect(
            text(.badRequest("no"))
                == #"""
                {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",\#
                "message":"no","reason":"BadRequest","code":400}
                """#
        )
    }

    @Test func `a success without a code has none in the body`() {
        var details = APIStatus.Details(pods, name: "p")
        details.uid = "u"
        let status = APIStatus.success(details: details)
        #expect(status.httpCode == 200)
        #expect(
            text(status)
                == #"""
                {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success",\#
                "details":{"name":"p","kind":"pods","uid":"u"}}
                """#
        )
        #expect(
            text(.success(code: 201))
                == #"""
                {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success","code":201}
                """#
        )
    }

    @Test func `an invalid object with one error, and with several`() {
        let kind = GroupKind(group: "apps", kind: "Deployment")
        let negative = FieldError.invalid(
            FieldPath("spec", "replicas"), -1, "must be greater than or equal to 0")
        let one = APIStatus.invalid(kind, "d", [negative])
        #expect(
            one.message
                == #"""
                Deployment.apps "d" is invalid: spec.replicas: Invalid value: -1: must be \#
                greater than or equal to 0
                """#
        )
        #expect(
            one.details?.causes == [
                APIStatus.Cause(
                    reason: "FieldValueInvalid",
                    message: "Invalid value: -1: must be greater than or equal to 0",
                    field: "spec.replicas")
            ])
        let missing = FieldError.required(FieldPath("spec", "selector"))
        let two = APIStatus.invalid(kind, "d", [negative, missing, missing])
        #expect(
            two.message
                == #"""
                Deployment.apps "d" is invalid: [spec.replicas: Invalid value: -1: must be \#
                greater than or equal to 0, spec.selector: Required value]
                """#
        )
        #expect(two.details?.causes.count == 3)
        #expect(two.code == 422)
    }

    @Test func `messages about objects that clients recognise`() {
        let maps = GroupResource(group: "", resource: "configmaps")
        let cases: [(APIStatus, Int, String)] = [
            (.alreadyExists(pods, "x"), 409, #"pods "x" already exists"#),
            (
                .modified(maps, "one"), 409,
                #"""
                Operation cannot be fulfilled on configmaps "one": the object has been modified; \#
                please apply your changes to the latest version and try again
                """#
            ),
            (
                .uidMismatch(
                    maps, "one", key: "/registry/configmaps/t/one", uids: (sent: "a", stored: "b")),
                409,
                #"""
                Operation cannot be fulfilled on configmaps "one": StorageError: invalid object, \#
                Code: 4, Key: /registry/configmaps/t/one, ResourceVersion: 0, \#
                AdditionalErrorMsg: Precondition failed: UID in precondition: a, UID in object \#
                meta: b
                """#
            ),
            (
                .resourceVersionPreconditionFailed(
                    GroupKind(group: "", kind: "ConfigMap"), "one",
                    versions: (sent: "1", stored: "39083")), 409,
                #"""
                Operation cannot be fulfilled on ConfigMap "one": the ResourceVersion in the \#
                precondition (1) does not match the ResourceVersion in record (39083). The \#
                object might have been modified
                """#
            ),
        ]
        for (status, code, message) in cases {
            #expect(status.code == code)
            #expect(status.message == message)
        }
    }

    @Test func `messages about requests that clients recognise`() {
        let cases: [(APIStatus, Int, String)] = [
            (.forbidden(pods, problem: "no"), 403, "pods is forbidden: no"),
            (.forbidden(pods, "p", problem: "no"), 403, #"pods "p" is forbidden: no"#),
            (.unauthorized(), 401, "Unauthorized"),
            (
                .methodNotAllowed, 405,
                "the server does not allow this method on the requested resource"
            ),
            (.notAcceptable, 406, "406: Not Acceptable"),
            (
                .unsupportedMediaType(accepted: ["application/json", "application/yaml"]), 415,
                """
                the body of the request was in an unknown format - accepted media types include: \
                application/json, application/yaml
                """
            ),
            (.internalError("broken"), 500, "Internal error occurred: broken"),
            (
                .watchExpired(requested: 1, oldest: 36669, newest: 40000), 410,
                "too old resource version: 1 (36669); the events after 36669, up to 40000, are here"
            ),
        ]
        for (status, code, message) in cases {
            #expect(status.code == code)
            #expect(status.message == message)
        }
    }

    @Test func `a revision from the future tells when to ask again`() {
        let status = APIStatus.resourceVersionTooLarge(requested: 99, current: 7)
        #expect(status.retryAfterSeconds == 1)
        #expect(
            text(status)
                == #"""
                {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",\#
                "message":"Timeout: Too large resource version: 99, current: 7",\#
                "reason":"Timeout","details":{"causes":[{"reason":"ResourceVersionTooLarge",\#
                "message":"Too large resource version"}],"retryAfterSeconds":1},"code":504}
                """#
        )
    }

    @Test func `an expired token comes with one to go on with`() throws {
        let token = ContinueToken(revision: nil, start: "a\0")
        let status = APIStatus.continueExpired(goOnWith: token)
        #expect(status.reason == .expired)
        let read = try #require(APIStatus(JSONValue(parsing: status.bytes)))
        #expect(read == status)
        #expect(try ContinueToken(encoded: read.continueToken) == token)
    }

    @Test func `a status is read back as it was written`() throws {
        let error = FieldError.notSupported(FieldPath("a"), "x", supported: ["A"])
        let status = APIStatus.invalid(GroupKind(group: "g", kind: "K"), "n\n\"", [error])
        #expect(try APIStatus(JSONValue(parsing: status.bytes)) == status)
        #expect(APIStatus(["kind": "Pod"]) == nil)
    }
}
