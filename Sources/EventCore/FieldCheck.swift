/// Collects what is wrong with a request, field by field, so that the user learns it all at once.
///
/// ```swift
/// var check = FieldCheck()
/// check.name(event.event, .event, "event.event")
/// try check.finish()
/// ```
package struct FieldCheck {
  package private(set) var violations: [FieldViolation] = []

  package init() {}

  package mutating func add(_ field: String, _ problem: String?) {
    guard let problem else { return }
    violations.append(FieldViolation(field: field, problem: problem))
  }

  package mutating func name(_ value: String, _ rule: NameRule, _ field: String) {
    add(field, rule.problem(with: value))
  }

  package mutating func size(_ bytes: Int, atMost limit: Int, _ field: String) {
    guard bytes > limit else { return }
    add(field, "is \(bytes) bytes; at most \(limit) are allowed")
  }

  package mutating func range<T: Comparable>(_ value: T, _ range: ClosedRange<T>, _ field: String) {
    guard !range.contains(value) else { return }
    add(field, "is \(value); it must be between \(range.lowerBound) and \(range.upperBound)")
  }

  /// A MIME type: printable ASCII with one slash, and bounded.
  package mutating func dataType(_ value: String, _ field: String) {
    size(value.utf8.count, atMost: Limits.dataTypeBytesMax, field)
    guard value.isEmpty || Payload.isDataType(value) else {
      return add(field, "is not a MIME type such as application/json")
    }
  }

  /// Printable text without control characters, bounded.
  package mutating func text(_ value: String, atMost limit: Int, _ field: String) {
    size(value.utf8.count, atMost: limit, field)
    if value.hasControlCharacter {
      add(field, "contains a control character")
    }
  }

  package mutating func metadata(_ pairs: [String: String], _ field: String) {
    if pairs.count > Limits.metadataPairsMax {
      add(field, "has \(pairs.count) entries; at most \(Limits.metadataPairsMax) are allowed")
    }
    var total = 0
    for (key, value) in pairs {
      total += key.utf8.count + value.utf8.count
      if key.isEmpty { add(field, "has an empty key") }
      text(key, atMost: Limits.metadataKeyBytesMax, "\(field)[\(key.prefix(32))] key")
      size(value.utf8.count, atMost: Limits.metadataValueBytesMax, "\(field)[\(key.prefix(32))]")
    }
    size(total, atMost: Limits.metadataBytesMax, field)
  }

  /// - Throws: one `GatewayError` that lists every violation, if there is any.
  package func finish() throws(GatewayError) {
    guard violations.isEmpty else { throw .invalid(violations) }
  }
}

extension String {
  fileprivate var hasControlCharacter: Bool {
    // Of ASCII the table of Unicode need not be asked.
    if utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return false }
    return unicodeScalars.contains { $0.properties.generalCategory == .control }
  }
}
