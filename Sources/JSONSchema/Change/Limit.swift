import JSON

/// A bound of a schema, on one side.
struct Limit {
  var number: JSONNumber
  var isExclusive = false
  var isLower: Bool
  var keyword: String

  init?(_ keyword: String, _ schema: JSONValue, isLower: Bool) {
    guard let number = schema[keyword]?.number else { return nil }
    self.number = number
    self.isLower = isLower
    self.keyword = keyword
    // A least length of 0 bounds nothing.
    if isLower, number.digits.isEmpty, keyword.hasSuffix("Length") || keyword.hasSuffix("s") {
      return nil
    }
  }

  /// The one that counts of `minimum` and `exclusiveMinimum`, or of `maximum` and
  /// `exclusiveMaximum`.
  init?(of schema: JSONValue, isLower: Bool) {
    let inclusive = Limit(isLower ? "minimum" : "maximum", schema, isLower: isLower)
    var exclusive = Limit(
      isLower ? "exclusiveMinimum" : "exclusiveMaximum", schema, isLower: isLower)
    exclusive?.isExclusive = true
    guard let exclusive, let inclusive else {
      guard let only = inclusive ?? exclusive else { return nil }
      self = only
      return
    }
    self = exclusive.isNarrower(than: inclusive) ? exclusive : inclusive
  }

  /// - Precondition: both are of the same side.
  func isNarrower(than other: Limit) -> Bool {
    if number == other.number { return isExclusive && !other.isExclusive }
    return isLower ? other.number < number : number < other.number
  }
}

extension Limit: CustomStringConvertible {
  var description: String { "'\(keyword)' \(number)" }
}
