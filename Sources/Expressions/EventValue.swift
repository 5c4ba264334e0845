import JSON

/// A value of an event's JSON format, wherever the event keeps it. Valid as long as the event is
/// held.
enum EventValue {
  /// The outermost object.
  case event
  case metadata
  /// An attribute, a value of the metadata, or a payload of text.
  case attribute(AttributeValue)
  /// The payload or a value in it.
  case payload(JSONValue)
  /// A payload that is seen as base64 text.
  case binary([UInt8])
}

extension EventView {
  /// The members of an event that are no attributes.
  package enum Member {
    package static let metadata = "metadata"
    package static let data = "data"
    package static let binaryData = "data_base64"

    static func isReserved(_ name: String) -> Bool {
      name == metadata || name == data || name == binaryData
    }

    static func isOfData(_ name: String) -> Bool { name == data || name == binaryData }
  }

  /// Nil if `value` is no object or has no such member. Does not allocate.
  func member(_ name: JSONName, of value: EventValue) -> EventValue? {
    switch value {
    case .event: member(name)
    case .metadata: metadataValue(name)
    case .payload(let value): value[name].map { .payload($0) }
    case .attribute, .binary: nil
    }
  }

  /// By the bytes of its name, as in payloads: a dictionary takes other spellings of a character
  /// (Unicode's canonical equivalents) for the same.
  private func metadataValue(_ name: JSONName) -> EventValue? {
    guard let index = metadata.index(forKey: name.string),
      metadata[index].key.utf8.elementsEqual(name.bytes)
    else { return nil }
    return .attribute(.string(metadata[index].value))
  }

  private func member(_ name: JSONName) -> EventValue? {
    switch name.string {
    case Member.metadata: return .metadata
    case Member.data:
      switch data {
      case .json(let document): return .payload(document.root)
      case .text(let text): return .attribute(.string(text))
      case .binary, .none: return nil
      }
    case Member.binaryData:
      guard case .binary(let bytes) = data else { return nil }
      return .binary(bytes)
    default: return self[name.string].map { .attribute($0) }
    }
  }
}

/// What is left of the work that an evaluation may do.
struct StepBudget {
  private(set) var left = ExpressionLimits.stepsMax

  /// - Returns: false if there are not enough left, then and from then on.
  mutating func take(_ steps: Int) -> Bool {
    left -= steps
    return left >= 0
  }

  /// For looking up a member of `value`.
  mutating func takeLookup(in value: EventValue) -> Bool {
    guard case .payload(let value) = value else { return take(1) }
    return take(1 + value.count >> 3)
  }

  var isUsedUp: Bool { left < 0 }
}
