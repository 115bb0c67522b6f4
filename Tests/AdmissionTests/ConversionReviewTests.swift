import APIModel
import Buffers
import JSON
import Testing

@testable import Outbound

/// What a webhook is asked about objects in another version, and which answers are taken.
@Suite struct ConversionReviewTests {
    private static let lamp: JSONValue = [
        "apiVersion": "example.com/v1", "kind": "Lamp",
        "metadata": ["name": "a", "uid": "1", "labels": ["lit": "no"], "generation": 3],
        "spec": ["address": "tower:80"],
    ]
    private static let review = ConversionReview(
        uid: "u", apiVersion: "example.com/v2", objects: [lamp, lamp])

    private static func answer(_ objects: [JSONValue]) -> JSONValue {
        [
            "kind": "ConversionReview", "apiVersion": "apiextensions.k8s.io/v1",
            "response": [
                "uid": "u", "result": ["status": "Success"], "convertedObjects": .array(objects),
            ],
        ]
    }

    @Test func `a review says what is wanted, with the objects in their order`() throws {
        let body = Self.review.body([Self.lamp.bytes, "{}"])
        let sent = try JSONValue(parsing: body)
        #expect(sent["kind"] == "ConversionReview")
        #expect(
            sent["request"]
                == [
                    "uid": "u", "desiredAPIVersion": "example.com/v2", "objects": [Self.lamp, [:]],
                ])
    }

    @Test func `labels and annotations are the webhook's, other metadata is not`() throws {
        var changed = Self.lamp
        changed["apiVersion"] = "example.com/v2"
        changed["spec"] = ["host": "tower"]
        changed["metadata"] = [
            "name": "a", "uid": "1", "annotations": ["by": "hook"], "generation": 9,
        ]
        let converted = try Self.review.converted(by: Self.answer([changed, changed]))
        #expect(converted.count == 2 && converted[0] == converted[1])
        #expect(
            converted[0]["metadata"]
                == ["name": "a", "uid": "1", "generation": 3, "annotations": ["by": "hook"]])
        #expect(converted[0]["spec"] == ["host": "tower"])
    }

    @Test func `an answer about other objects is not taken`() {
        #expect(throws: WebhookFailure.self) {
            try Self.review.converted(by: Self.answer([Self.lamp]))
        }
        #expect(
            throws: WebhookFailure(
                "the object at index 0 is invalid: must have the same apiVersion: "
                    + "\"example.com/v1\" is not \"example.com/v2\"")
        ) {
            try Self.review.converted(by: Self.answer([Self.lamp, Self.lamp]))
        }
    }

    @Test(arguments: [
        ([Int](repeating: 10, count: 300), 256), ([10], 1), ([9 << 20, 10], 1),
        ([2 << 20, 2 << 20, 1], 2), ([10, 20], 2),
    ])
    func `what is asked at once has bounds, but for one object`(sizes: [Int], count: Int) {
        #expect(ConversionWebhook.batchCount(of: sizes) == count)
    }
}
