/// JSON text with placeholders for what the event has: `{"order": "${/data/id}", "by": "${/type}"}`.
///
/// A placeholder is a JSON pointer into the event's JSON format (see `EventView`). A string that is
/// one placeholder becomes the value with its type; within a longer string, text.
package struct Template: Sendable {
  package init(_ text: String) throws(ExpressionError) {
    throw ExpressionError("is not there yet", line: 1, column: 1)
  }

  /// Whether it looks at the payload, which so has to be parsed.
  package var readsData: Bool { true }

  /// - Returns: compact JSON text; nil if it would be longer than `bytesMax`.
  package func render(_ event: EventView, bytesMax: Int) -> [UInt8]? { nil }
}
