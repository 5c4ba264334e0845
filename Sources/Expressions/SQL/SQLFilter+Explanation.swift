extension SQLFilter {
  func explain(_ event: EventView) -> FilterExplanation {
    switch outcome(event) {
    case .success(true): return FilterExplanation(.match)
    case .success(false): return explanation(of: .noMatch, event, missing: nil)
    case .failure(let error):
      guard case .missingAttribute(let name) = error else {
        return explanation(of: .error(error.description), event, missing: nil)
      }
      return explanation(of: .error(error.description), event, missing: name)
    }
  }

  /// - Parameter missing: the attribute whose absence is the error.
  private func explanation(
    of result: FilterResult, _ event: EventView, missing: String?
  ) -> FilterExplanation {
    let tree = expression.tree
    let clause = tree.decisive(tree.root, event)
    let names = missing.map { [$0] } ?? tree.attributes(within: clause)
    let path = names.count == 1 ? names[0] : ""
    return FilterExplanation(
      result, clause: expression.text(clause).shown, path: path, seen: event.shown(path))
  }
}

extension EventView {
  /// An attribute as JSON text, for a person to read; empty if there is none.
  func shown(_ attribute: String) -> String {
    self[attribute].map { value in
      JSONWriter.shown { $0.write(.attribute(value), of: self) }
    } ?? ""
  }
}

extension SQLTree {
  /// Where the innermost condition is that made a condition false or failed. Of conditions that are
  /// part of none but the whole, the whole.
  fileprivate func decisive(_ index: Int, _ event: EventView) -> Range<Int> {
    let node = nodes[index]
    switch node.form {
    case .chain(.logic, let range): return decisive(in: node, range, event)
    case .not(let operand):
      var error: SQLError?
      _ = value(of: operand, event, &error)
      return error != nil && nodes[operand].type == .boolean
        ? decisive(operand, event) : node.range
    default: return node.range
    }
  }

  /// The side of AND that was false, both sides of OR and XOR, whichever could not be evaluated.
  private func decisive(
    in node: SQLNode, _ range: Range<Int>, _ event: EventView
  ) -> Range<Int> {
    var isTrue = true
    var place = node.range
    for index in range {
      let operand = operands[index]
      let isFirst = index == range.lowerBound
      if !isFirst, isTrue ? operand.link == .or : operand.link == .and { continue }
      var error: SQLError?
      guard let right = boolean(of: operand.node, event, &error) else {
        return decisive(operand.node, event)
      }
      if isFirst || operand.link == .and {
        isTrue = right
        if !right { place = decisive(operand.node, event) }
      } else {
        isTrue = operand.link == .xor ? isTrue != right : right
        place = node.range.lowerBound..<operand.end
      }
    }
    return place
  }

  /// Those it looks at, each once.
  var attributes: [String] { attributes(within: 0..<Int.max) }

  /// Those that a part of the text looks at.
  fileprivate func attributes(within range: Range<Int>) -> [String] {
    var names: [String] = []
    for node in nodes where range.contains(node.range.lowerBound) {
      switch node.form {
      case .attribute(let name), .exists(let name):
        if !names.contains(name) { names.append(name) }
      default: break
      }
    }
    return names
  }
}
