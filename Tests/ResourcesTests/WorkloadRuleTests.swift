import APIModel
import JSON
import Testing

@testable import Resources

/// What is wrong with objects that run something: every cause at once.
@Suite struct WorkloadRuleTests {
    private static let pod =
        #"{"spec":{"restartPolicy":"Never","containers":[{"name":"a","image":"a"}]}}"#
    private static let lasting =
        #"{"metadata":{"labels":{"app":"d"}},"spec":{"containers":[{"name":"a","image":"a"}]}}"#
    private static let selector = #""selector":{"matchLabels":{"app":"d"}}"#

    static let cases: [(kind: String, object: String, errors: [String])] = [
        (
            "StatefulSet",
            #"{"spec":{\#(selector),"template":\#(lasting),"replicas":-1,"updateStrategy":{"#
                + #""type":"OnDelete","rollingUpdate":{"partition":1}}}}"#,
            [
                "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
                #"spec.updateStrategy.rollingUpdate: Invalid value: {"partition":1}: only allowed "#
                    + "for updateStrategy 'RollingUpdate'",
            ]
        ),
        (
            "DaemonSet",
            #"{"spec":{\#(selector),"template":\#(lasting),"updateStrategy":{"rollingUpdate":"#
                + #"{"maxSurge":"101%"}}}}"#,
            [
                #"spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: "101%": must not be "#
                    + "greater than 100%",
                #"spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: "101%": may not be "#
                    + "set when maxUnavailable is non-zero",
            ]
        ),
        (
            "DaemonSet",
            #"{"spec":{\#(selector),"template":\#(lasting),"updateStrategy":{"rollingUpdate":"#
                + #"{"maxUnavailable":0}}}}"#,
            [
                "spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 "
                    + "when maxSurge is 0"
            ]
        ),
        ("ControllerRevision", #"{"revision":1}"#, ["data: Required value: data is mandatory"]),
        (
            "Job", #"{"spec":{"template":\#(lasting),"completionMode":"Indexed","parallelism":1}}"#,
            [
                "spec.completions: Required value: when completion mode is Indexed",
                "spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", "
                    + "\"Never\"",
            ]
        ),
        (
            "Job",
            #"""
            {"spec":{"template":\#(pod),"maxFailedIndexes":1,"podFailurePolicy":{"rules":[
            {"action":"FailIndex","onExitCodes":{"containerName":"b","operator":"In",
            "values":[2,0]}},{"action":"Ignore"}]}}}
            """#,
            [
                "spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified",
                #"spec.podFailurePolicy.rules[0].action: Invalid value: "FailIndex": requires the "#
                    + "backoffLimitPerIndex",
                "spec.podFailurePolicy.rules[0].onExitCodes.containerName: Invalid value: \"b\": "
                    + "must be one of the container or initContainer names in the pod template",
                "spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [2,0]: must be "
                    + "ordered",
                "spec.podFailurePolicy.rules[0].onExitCodes.values[1]: Invalid value: 0: must not "
                    + "be 0 for the In operator",
                #"spec.podFailurePolicy.rules[1]: Invalid value: {"action":"Ignore"}: specifying "#
                    + "one of OnExitCodes and OnPodConditions is required",
            ]
        ),
        (
            "Job",
            #"""
            {"spec":{"template":\#(pod),"completionMode":"Indexed","completions":4,
            "successPolicy":{"rules":[{},{"succeededIndexes":"0,2-9"},
            {"succeededIndexes":"1-2","succeededCount":3}]}}}
            """#,
            [
                "spec.successPolicy.rules[0]: Required value: at least one of succeededCount or "
                    + "succeededIndexes must be specified",
                #"spec.successPolicy.rules[1].succeededIndexes: Invalid value: "0,2-9": too large "#
                    + "index: \"9\", must be less than 4",
                "spec.successPolicy.rules[2].succeededCount: Invalid value: 3: must be less than "
                    + "or equal to 2 (the number of indexes in the specified succeededIndexes "
                    + "field)",
            ]
        ),
        (
            "CronJob",
            #"{"spec":{"schedule":"* * 32 * *","timeZone":"Nowhere/Land","jobTemplate":{"spec":"#
                + #"{"manualSelector":true,"template":\#(pod)}}}}"#,
            [
                #"spec.schedule: Invalid value: "* * 32 * *": the day of the month cannot be "#
                    + #""32": it is from 1 to 31"#,
                #"spec.timeZone: Invalid value: "Nowhere/Land": unknown time zone Nowhere/Land"#,
                "spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "
                    + "\"<nil>\", \"false\"",
            ]
        ),
        (
            "PodDisruptionBudget", #"{"spec":{"minAvailable":1,"maxUnavailable":"200%"}}"#,
            [
                #"spec: Invalid value: {"minAvailable":1,"maxUnavailable":"200%"}: minAvailable "#
                    + "and maxUnavailable cannot be both set",
                #"spec.maxUnavailable: Invalid value: "200%": must not be greater than 100%"#,
            ]
        ),
        (
            "PriorityClass", #"{"value":2000000000}"#,
            [
                "value: Forbidden: maximum allowed value of a user defined priority is 1000000000"
            ]
        ),
        (
            "RuntimeClass", #"{"handler":"Not_A_Label"}"#,
            [
                "handler: Invalid value: \"Not_A_Label\": a lowercase RFC 1123 label must consist "
                    + "of lower case alphanumeric characters or '-', and must start and end with "
                    + "an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for "
                    + "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
            ]
        ),
    ]

    @Test(arguments: cases)
    func `all that is wrong is said at once`(
        kind: String, object: String, errors: [String]
    ) throws {
        let kind = try Kind(kind)
        let sent = try json(object).with { $0["metadata"] = ["name": "x", "uid": "u"] }
        #expect(try kind.errors(sent) == errors)
    }

    @Test func `a job finds its pods by labels that the server chose`() throws {
        let sent = try json(
            #"{"metadata":{"name":"j","uid":"u"},"spec":{"template":\#(Self.pod)}}"#)
        let job = try Kind("Job").created(sent)
        #expect(
            job[path: "spec", "selector"]
                == ["matchLabels": ["batch.kubernetes.io/controller-uid": "u"]])
        #expect(
            job[path: "spec", "template", "metadata", "labels"] == [
                "batch.kubernetes.io/controller-uid": "u", "controller-uid": "u",
                "batch.kubernetes.io/job-name": "j", "job-name": "j",
            ])
        #expect(job[path: "spec", "completions"] == 1)
        #expect(job[path: "spec", "backoffLimit"] == 6)
        #expect(job[path: "spec", "podReplacementPolicy"] == "TerminatingOrFailed")
    }

    @Test func `a job's template changes only while it has never run`() throws {
        let kind = try Kind("Job")
        let sent = try json(
            #"{"metadata":{"name":"j","uid":"u"},"spec":{"suspend":true,"template":\#(Self.pod)}}"#)
        let select: (inout JSONValue) -> Void = {
            $0["spec"]?["template"]?["spec"]?["nodeSelector"] = ["disk": "ssd"]
        }
        #expect(try kind.updateErrors(sent, select) == [])
        let running = sent.with { $0["spec"]?["suspend"] = false }
        let errors = try kind.updateErrors(running, select)
        #expect(errors.count == 1)
        #expect(errors.first?.hasSuffix("field is immutable") == true)
    }

    @Test func `an indexed job grows with its parallelism`() throws {
        let kind = try Kind("Job")
        let sent = try json(
            #"""
            {"metadata":{"name":"j","uid":"u"},"spec":{"completionMode":"Indexed","completions":2,
            "parallelism":2,"template":\#(Self.pod)}}
            """#)
        let both: (inout JSONValue) -> Void = {
            $0["spec"]?["completions"] = 3
            $0["spec"]?["parallelism"] = 3
        }
        #expect(try kind.updateErrors(sent, both) == [])
        #expect(
            try kind.updateErrors(sent) { $0["spec"]?["completions"] = 3 }
                == ["spec.completions: Invalid value: 3: field is immutable"])
    }

    @Test(
        arguments: [
            ("@every 1h30m", nil), ("@daily", nil), ("0 0 1 1 0", nil),
            ("*/15 0-6/2 * * sun,WED", nil),
            ("@noon", "unrecognized descriptor: @noon"),
            (
                "TZ=UTC 0 0 * * *",
                "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
            ),
            ("* * * *", "expected exactly 5 fields, found 4: * * * *"),
            ("* * * * 7", "the day of the week cannot be \"7\": it is from 0 to 6"),
            ("*/0 * * * *", "the step of the minute must be a positive number: \"*/0\""),
            ("5-1 * * * *", "the minute cannot be \"5-1\": it is from 0 to 59"),
            ("1,, * * * *", "the minute cannot be \"\": it is from 0 to 59"),
        ] as [(String, String?)])
    func `schedules are read as cron reads them`(schedule: String, problem: String?) {
        #expect(CronSchedule.problem(of: schedule) == problem)
    }

    @Test func `a stateful set keeps its selector and its claims`() throws {
        let sent = try json(
            #"{"metadata":{"name":"s"},"spec":{\#(Self.selector),"template":\#(Self.lasting)}}"#)
        let kind = try Kind("StatefulSet")
        #expect(try kind.updateErrors(sent) { $0["spec"]?["replicas"] = 4 } == [])
        #expect(
            try kind.updateErrors(sent) { $0["spec"]?["serviceName"] = "other" } == [
                "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', "
                    + "'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', "
                    + "'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
            ])
    }
}
