internal import Encodings
package import JSON

/// The way to a value within an event: a JSON pointer (RFC 6901) into its JSON format (see
/// `EventView`). For those who ask only whether two events have the same value there.
package struct EventPointer: Sendable {
  private let placeholder: Placeholder

  package init(_ pointer: JSONPointer) {
    placeholder = Placeholder(pointer)
  }

  /// Whether it looks at the payload, which so has to be parsed.
  package var readsData: Bool { placeholder.readsData }

  /// The first 8 bytes of the SHA-256 of the value as compact JSON: whoever chooses values can't
  /// make two the same. Nil for null, and if there is none.
  package func fingerprint(in event: EventView) -> UInt64? {
    withExtendedLifetime(event) {
      var budget = StepBudget()
      guard let value = placeholder.value(in: event, &budget), !value.isNull else { return nil }
      var writer = JSONWriter(bytesMax: .max)
      writer.write(value, of: event)
      return SHA256.digest(writer.bytes).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
  }
}

extension EventValue {
  fileprivate var isNull: Bool {
    guard case .payload(let value) = self else { return false }
    return value.kind == .null
  }
}
