/// What a name may look like; `problem(with:)` says in words what is wrong with one.
package enum NameRule: Sendable {
  /// An event's name: `^[a-z0-9][a-z0-9_-]*(\.[a-z0-9][a-z0-9_-]*)*$`.
  case event
  /// An event's name in which segments may be `*` (any one) and the last may be `**` (any rest).
  case eventPattern
  /// An id of a function, subscription or organization: `^[a-z0-9][a-z0-9_.-]*$`.
  case identifier

  /// Nil when `name` is fine, else a phrase that goes after the field's name.
  package func problem(with name: String) -> String? {
    guard !name.isEmpty else { return "is required" }
    guard name.utf8.count <= Limits.nameBytesMax else {
      return "is \(name.utf8.count) bytes long; at most \(Limits.nameBytesMax) are allowed"
    }
    switch self {
    case .identifier:
      return Self.isIdentifier(name.utf8) ? nil : Self.identifierProblem
    case .event, .eventPattern:
      return segmentProblem(in: name)
    }
  }

  private func segmentProblem(in name: String) -> String? {
    let segments = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    for (index, segment) in segments.enumerated() {
      if self == .eventPattern, segment.elementsEqual("*".utf8) { continue }
      if self == .eventPattern, segment.elementsEqual("**".utf8) {
        guard index == segments.count - 1 else { return "has '**' before its last segment" }
        continue
      }
      guard Self.isSegment(segment) else { return Self.eventProblem }
    }
    return nil
  }

  private static let identifierProblem =
    "must start with a-z or 0-9 and go on with a-z, 0-9, '_', '.' or '-'"
  private static let eventProblem =
    "must be segments of a-z, 0-9, '_' and '-' joined by dots, each starting with a-z or 0-9,"
    + " such as order.created"

  private static func isSegment(_ bytes: Substring.UTF8View) -> Bool {
    guard let first = bytes.first, isAlphanumeric(first) else { return false }
    return bytes.allSatisfy {
      isAlphanumeric($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
    }
  }

  private static func isIdentifier(_ bytes: String.UTF8View) -> Bool {
    guard let first = bytes.first, isAlphanumeric(first) else { return false }
    return bytes.allSatisfy {
      isAlphanumeric($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
        || $0 == UInt8(ascii: ".")
    }
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
