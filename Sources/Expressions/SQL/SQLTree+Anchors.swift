extension SQLFilter {
  var anchors: [Anchor]? { expression.tree.anchors }
}

/// Anchors have to hold with every cast that `=`, IN and LIKE may do: `type = '5'` is also true of the
/// Integer 5, `type = 5` of the strings "5", "05", "+5" and so on, which no index could look up.
extension SQLTree {
  var anchors: [Anchor]? {
    // Alone an attribute has to be a Boolean; an operand would be cast.
    if case .attribute(let name) = nodes[root].form { return [Anchor([name], .boolean(true))] }
    return anchors(of: root)
  }

  private func anchors(of index: Int) -> [Anchor]? {
    switch nodes[index].form {
    case .chain(.logic, let range): logicAnchors(range)
    case .chain(.comparison, let range): equalityAnchors(range)
    case .isIn(let left, let set, false): setAnchors(left, set)
    case .like(let left, let pattern, false): likeAnchors(left, pattern)
    default: nil
    }
  }

  private func logicAnchors(_ range: Range<Int>) -> [Anchor]? {
    var result = anchors(of: operands[range.lowerBound].node)
    for operand in operands[range.dropFirst()] {
      let right = anchors(of: operand.node)
      switch operand.link {
      case .and: result = Anchor.better(result, right)
      case .or: result = Anchor.union(result, right)
      default: result = nil
      }
    }
    return result
  }

  private func equalityAnchors(_ range: Range<Int>) -> [Anchor]? {
    guard range.count == 2, operands[range.lowerBound + 1].link == .equal else { return nil }
    let left = nodes[operands[range.lowerBound].node].form
    let right = nodes[operands[range.lowerBound + 1].node].form
    switch (left, right) {
    case (.attribute(let name), .literal(.string(let text))):
      return Anchor.attribute(name, isText: text)
    case (.literal(let value), .attribute(let name)):
      return Anchor.attribute(name, isCastOf: value)
    default: return nil
    }
  }

  private func setAnchors(_ left: Int, _ set: Range<Int>) -> [Anchor]? {
    guard case .attribute(let name) = nodes[left].form else { return nil }
    var result: [Anchor]? = []
    for element in operands[set] {
      guard case .literal(let value) = nodes[element.node].form else { return nil }
      result = Anchor.union(result, Anchor.attribute(name, isCastOf: value))
      if result == nil { return nil }
    }
    return result
  }

  private func likeAnchors(_ left: Int, _ pattern: LikePattern) -> [Anchor]? {
    guard case .attribute(let name) = nodes[left].form else { return nil }
    return pattern.isExact
      ? Anchor.attribute(name, isText: pattern.prefix)
      : Anchor.attribute(name, beginsWith: pattern.prefix)
  }
}
