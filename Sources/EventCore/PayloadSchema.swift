/// The JSON Schema of an event's payloads. What it says is compiled and checked in Matching; here it
/// is text.
package struct PayloadSchema: Hashable, Codable, Sendable {
  /// JSON text, draft 2020-12 unless its `$schema` says draft 7.
  package var definition = ""
  package var enforcement = Enforcement.enforce
  /// Whether `format` is checked; otherwise it is an annotation.
  package var assertsFormat = false
  package var compatibility = Compatibility.none
  /// Output only. Counts the event's schemas, from 1.
  package var revision: UInt64 = 0
  /// Output only. What this revision means for those who read payloads of the one before; nil for
  /// the first one.
  package var change: Change?
  /// Output only.
  package var changeNotes: [String] = []

  package init() {}

  package enum Enforcement: Int32, Codable, Sendable {
    case off = 1
    /// Violations are counted, and the trigger is accepted.
    case audit
    /// Violations are refused.
    case enforce
  }

  package enum Compatibility: Int32, Codable, Sendable {
    case none = 1
    /// A breaking update is refused.
    case backward
  }

  package enum Change: Int32, Codable, Sendable {
    case compatible = 1
    case breaking
    case unknown
  }

  package func check(_ check: inout FieldCheck, _ path: String) {
    if definition.isEmpty { check.add("\(path).definition", "is required") }
    check.size(
      definition.utf8.count, atMost: Limits.schemaBytesMax, "\(path).definition")
  }

  /// Whether payloads are checked against the same as by the other.
  package func means(theSameAs other: PayloadSchema) -> Bool {
    definition == other.definition && assertsFormat == other.assertsFormat
  }
}

/// An event's schema as it was at one of its revisions: never changed, gone with the event.
package struct SchemaRevision: Hashable, Codable, Sendable {
  package var event = ""
  package var schema = PayloadSchema()
  package var stamp = ResourceStamp()

  package init() {}

  package init(_ schema: PayloadSchema, of event: String) {
    self.schema = schema
    self.event = event
  }

  /// Sorts by event, then by revision. No event's name has an '@'.
  package static func id(_ revision: UInt64, of event: String) -> String {
    let digits = String(revision)
    return "\(event)@" + String(repeating: "0", count: max(0, 10 - digits.count)) + digits
  }
}
