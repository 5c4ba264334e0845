/// What is made of the anchors of a filter's parts.
extension Anchor {
  /// Of two conditions that must both hold: those an index finds the fewest filters with.
  static func better(_ one: [Anchor]?, _ other: [Anchor]?) -> [Anchor]? {
    guard let one else { return other }
    guard let other else { return one }
    let (looseness, otherLooseness) = (looseness(of: one), looseness(of: other))
    if looseness != otherLooseness { return looseness < otherLooseness ? one : other }
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

  private static func looseness(of anchors: [Anchor]) -> Int {
    anchors.lazy.map(\.looseness).max() ?? 0
  }

  /// How little it says about an event. Strings tell most events apart; numbers less, as they are
  /// often small; prefixes hold for many, and of the rest there are but three. What the events of one
  /// name have in common says nothing to those who subscribe to that name.
  private var looseness: Int {
    switch condition {
    case .boolean, .null: 4
    case _ where path.count == 1 && Self.commonAttributes.contains(path[0]): 3
    case .prefix: 2
    case .number: 1
    case .string: 0
    }
  }

  private static let commonAttributes: Set = ["specversion", "type", "source", "datacontenttype"]

  /// By Unicode scalars, as filters compare: `==` takes canonically equivalent texts for one.
  private func isIdentical(to other: Anchor) -> Bool {
    switch (condition, other.condition) {
    case (.string(let one), .string(let other)), (.prefix(let one), .prefix(let other)):
      guard one.isIdentical(to: other) else { return false }
    default: break
    }
    return self == other && zip(path, other.path).allSatisfy { $0.isIdentical(to: $1) }
  }
}
