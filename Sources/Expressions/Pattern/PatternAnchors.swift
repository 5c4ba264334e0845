import JSON

extension ContentPattern {
  /// The anchors of the field that an index tells events apart by best: one whose alternatives are
  /// all values or prefixes.
  var anchors: [Anchor]? { bestAnchors(in: 0, path: [])?.anchors }

  private struct Candidate {
    var anchors: [Anchor]
    /// Of its worst anchor; the lower, the fewer events it lets through.
    var rank: Int

    func isBetter(than other: Candidate?) -> Bool {
      guard let other else { return true }
      return (rank, anchors.count) < (other.rank, other.anchors.count)
    }
  }

  /// All that is within must hold, so any of it will do.
  private func bestAnchors(in index: Int, path: [String]) -> Candidate? {
    var best: Candidate?
    for child in children(of: index) {
      guard let candidate = anchors(of: child, path: path), candidate.isBetter(than: best)
      else { continue }
      best = candidate
    }
    return best
  }

  private func anchors(of index: Int, path: [String]) -> Candidate? {
    let node = nodes[index]
    let inner = path + (node.name.map { [$0.string] } ?? [])
    switch node.kind {
    case .field: return anchors(of: node, path: inner)
    case .object: return bestAnchors(in: index, path: inner)
    case .or: return anchors(ofOr: index, path: path)
    }
  }

  /// One of the branches holds, so that each must have some.
  private func anchors(ofOr index: Int, path: [String]) -> Candidate? {
    var all = Candidate(anchors: [], rank: 0)
    for branch in children(of: index) {
      guard let candidate = bestAnchors(in: branch, path: path) else { return nil }
      for anchor in candidate.anchors where !all.anchors.contains(anchor) {
        all.anchors.append(anchor)
      }
      guard all.anchors.count <= ExpressionLimits.anchorsMax else { return nil }
      all.rank = max(all.rank, candidate.rank)
    }
    return all
  }

  private func anchors(of node: PatternNode, path: [String]) -> Candidate? {
    guard !node.allowsAbsence, node.matchers.count <= ExpressionLimits.anchorsMax else {
      return nil
    }
    var all = Candidate(anchors: [], rank: 0)
    for index in node.matchers {
      guard let condition = matchers[Int(index)].condition else { return nil }
      let anchor = Anchor(path, condition)
      if !all.anchors.contains(anchor) { all.anchors.append(anchor) }
      all.rank = max(all.rank, condition.rank)
    }
    return all
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

extension Anchor.Condition {
  /// Strings tell most events apart; numbers less, as they are often small; prefixes hold for many,
  /// and of the rest there are but three.
  fileprivate var rank: Int {
    switch self {
    case .string: 0
    case .number: 1
    case .prefix: 2
    case .boolean, .null: 3
    }
  }
}
