import JSON

extension ContentPattern {
  /// The anchors of the field that an index tells events apart by best: one whose alternatives are
  /// all values or prefixes.
  var anchors: [Anchor]? { anchors(within: 0, path: []) }

  /// All that is within must hold, so any of it will do.
  private func anchors(within index: Int, path: [String]) -> [Anchor]? {
    children(of: index).reduce(nil) { Anchor.better($0, anchors(of: $1, path: path)) }
  }

  private func anchors(of index: Int, path: [String]) -> [Anchor]? {
    let node = nodes[index]
    let inner = path + (node.name.map { [$0.string] } ?? [])
    switch node.kind {
    case .field: return anchors(of: node, path: inner)
    case .object: return anchors(within: index, path: inner)
    case .or:
      // One of the branches holds, so that each must have some.
      return children(of: index).reduce([]) { Anchor.union($0, anchors(within: $1, path: path)) }
    }
  }

  private func anchors(of node: PatternNode, path: [String]) -> [Anchor]? {
    guard !node.allowsAbsence else { return nil }
    return node.matchers.reduce([]) { result, index in
      Anchor.union(result, matchers[Int(index)].condition.map { [Anchor(path, $0)] })
    }
  }
}

extension Matcher {
  /// What an index can look up, and holds if this does.
  fileprivate var condition: Anchor.Condition? {
    switch self {
    case .string(let text): .string(String(decoding: text, as: UTF8.self))
    case .number(let number): .number(number.description)
    case .boolean(let flag): .boolean(flag)
    case .null: .null
    case .prefix(let prefix): Self.condition(prefix)
    case .wildcard(let wildcard):
      wildcard.hasAsterisk
        ? Self.condition(wildcard.prefix)
        : .string(String(decoding: wildcard.prefix, as: UTF8.self))
    case .numeric(let range): range.only.map { .number($0.description) }
    case .anything, .suffix, .folded, .cidr, .anythingBut: nil
    }
  }

  private static func condition(_ prefix: [UInt8]) -> Anchor.Condition? {
    prefix.isEmpty ? nil : .prefix(String(decoding: prefix, as: UTF8.self))
  }
}
