import JSON

/// JSON text with placeholders for what the event has: `{"order": "${/data/id}", "by": "${/type}"}`.
///
/// A placeholder is a JSON pointer (RFC 6901) into the event's JSON format (see `EventView`), and ends
/// at the first `}`; `${}` is the whole event. A string that is one placeholder becomes the value with
/// its type, or null if there is none. Within a longer string a value is text: a string as it is,
/// another as compact JSON, nothing if there is none. `$${` is a literal `${`. Names of members take
/// no placeholders.
package struct Template: Sendable {
  enum Segment: Sendable {
    /// JSON text, as it is.
    case literal([UInt8])
    /// Where a value is expected.
    case value(Placeholder)
    /// Within a string.
    case text(Placeholder)
  }

  private let segments: [Segment]
  /// Whether it looks at the payload, which so has to be parsed.
  package let readsData: Bool

  /// - Throws: what is wrong with the text and where.
  package init(_ text: String) throws(ExpressionError) {
    var compiler = TemplateCompiler(text)
    segments = try compiler.run()
    readsData = segments.contains { segment in
      switch segment {
      case .literal: false
      case .value(let placeholder), .text(let placeholder): placeholder.readsData
      }
    }
  }

  /// - Returns: compact JSON text; nil if it would be longer than `bytesMax`, or takes more than
  ///   `ExpressionLimits.stepsMax` steps.
  package func render(_ event: EventView, bytesMax: Int) -> [UInt8]? {
    let (bytes, isWhole) = renderPart(event, bytesMax: bytesMax)
    return isWhole ? bytes : nil
  }

  /// As much of it as fits.
  func renderPart(_ event: EventView, bytesMax: Int) -> (bytes: [UInt8], isWhole: Bool) {
    var writer = JSONWriter(bytesMax: bytesMax)
    var budget = StepBudget()
    withExtendedLifetime(event) {
      for segment in segments where !writer.isOver && !budget.isUsedUp {
        Self.write(segment, of: event, to: &writer, &budget)
      }
    }
    return (writer.bytes, !writer.isOver && !budget.isUsedUp)
  }

  private static func write(
    _ segment: Segment, of event: EventView, to writer: inout JSONWriter,
    _ budget: inout StepBudget
  ) {
    switch segment {
    case .literal(let json): writer.write(json: json)
    case .value(let placeholder):
      if let value = placeholder.value(in: event, &budget) {
        writer.write(value, of: event)
      } else {
        writer.write("null")
      }
    case .text(let placeholder):
      guard let value = placeholder.value(in: event, &budget) else { return }
      writer.write(textOf: value, of: event)
    }
  }
}

extension JSONWriter {
  /// A value within a string.
  fileprivate mutating func write(textOf value: EventValue, of event: EventView) {
    switch value {
    case .attribute(.string(let text)): write(stringPart: text.utf8)
    case .payload(let string) where string.kind == .string: write(stringPart: string.utf8)
    case .binary(let bytes): write(base64: bytes)
    default: inString { $0.write(value, of: event) }
    }
  }
}
