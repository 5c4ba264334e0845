/// Anchors of attributes, which may be strings, integers or Booleans whatever a filter takes them for.
extension Anchor {
  /// An attribute whose canonical text is `text`.
  static func attribute(_ name: String, isText text: String) -> [Anchor] {
    var result = [Anchor([name], .string(text))]
    if let number = Int32(text), String(number) == text {
      result.append(Anchor([name], .number(text)))
    }
    if let flag = Bool(text) { result.append(Anchor([name], .boolean(flag))) }
    return result
  }

  /// An attribute that equals `value` when that is cast to the attribute's type.
  static func attribute(_ name: String, isCastOf value: AttributeValue) -> [Anchor] {
    var result = [Anchor([name], .string(value.text))]
    if let number = value.asInteger { result.append(Anchor([name], .number(String(number)))) }
    if let flag = value.asBoolean { result.append(Anchor([name], .boolean(flag))) }
    return result
  }

  /// An attribute whose canonical text begins so; nil if that of numbers could, too many to look up.
  static func attribute(_ name: String, beginsWith prefix: String) -> [Anchor]? {
    guard !prefix.isEmpty, prefix != "-", Int32(prefix) == nil else { return nil }
    var result = [Anchor([name], .prefix(prefix))]
    for flag in [true, false] where String(flag).begins(with: prefix) {
      result.append(Anchor([name], .boolean(flag)))
    }
    return result
  }

  /// Of two conditions that must both hold: those an index finds the fewest filters with.
  static func better(_ one: [Anchor]?, _ other: [Anchor]?) -> [Anchor]? {
    guard let one else { return other }
    guard let other else { return one }
    let (rank, otherRank) = (looseness(of: one), looseness(of: other))
    if rank != otherRank { return rank < otherRank ? one : other }
    return one.count <= other.count ? one : other
  }

  /// Of two conditions of which one must hold; nil if that is not known of both, or they are too many.
  static func union(_ one: [Anchor]?, _ other: [Anchor]?) -> [Anchor]? {
    guard var result = one, let other else { return nil }
    for anchor in other where !result.contains(where: { $0.isIdentical(to: anchor) }) {
      result.append(anchor)
    }
    return result.count <= ExpressionLimits.anchorsMax ? result : nil
  }

  /// How little the loosest says about an event.
  private static func looseness(of anchors: [Anchor]) -> Int {
    anchors.map { anchor in
      switch anchor.condition {
      case .string, .number: 0
      case .prefix: 1
      case .boolean, .null: 2
      }
    }.max() ?? 0
  }

  /// By Unicode scalars, as filters compare: `==` takes canonically equivalent texts for one.
  private func isIdentical(to other: Anchor) -> Bool {
    switch (condition, other.condition) {
    case (.string(let one), .string(let other)), (.prefix(let one), .prefix(let other)):
      guard one.isIdentical(to: other) else { return false }
    default: break
    }
    return self == other
  }
}
