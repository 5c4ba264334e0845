extension SubscriptionsFilter {
  func explain(_ event: EventView) -> FilterExplanation {
    let result = evaluate(event)
    return result == .match ? FilterExplanation(.match) : explain(root, as: result, event)
  }

  /// - Precondition: the filter did not match.
  private func explain(
    _ index: Int, as result: FilterResult, _ event: EventView
  ) -> FilterExplanation {
    switch nodes[index] {
    case .attributes(let comparison, let conditions):
      let failed = conditions.filter { !comparison.holds(event[$0.name], $0.text) }.prefix(1)
      return explanation(result, .attributes(comparison, Array(failed)), event)
    case .all(let filters):
      return explain(deciding(filters, result, event), as: result, event)
    case .any(let filters):
      // One that could not be evaluated says more than that none held.
      guard filters.count == 1 || result != .noMatch else {
        return explanation(result, nodes[index], event)
      }
      return explain(deciding(filters, result, event), as: result, event)
    case .not: return explanation(result, nodes[index], event)
    case .sql(let filter): return filter.explain(event)
    }
  }

  /// The first that gave the result: there is one.
  private func deciding(_ filters: [Int], _ result: FilterResult, _ event: EventView) -> Int {
    filters.first { evaluate($0, event) == result } ?? filters[0]
  }

  private func explanation(
    _ result: FilterResult, _ clause: SubscriptionsNode, _ event: EventView
  ) -> FilterExplanation {
    let names = attributes(of: clause)
    let path = names.count == 1 ? names[0] : ""
    let text = JSONWriter.shown { write(clause, to: &$0) }
    return FilterExplanation(result, clause: text, path: path, seen: event.shown(path))
  }

  private func attributes(of node: SubscriptionsNode) -> [String] {
    switch node {
    case .attributes(_, let conditions): conditions.map(\.name)
    case .all(let filters), .any(let filters):
      filters.reduce(into: []) { names, filter in
        for name in attributes(of: nodes[filter]) where !names.contains(name) {
          names.append(name)
        }
      }
    case .not(let filter): attributes(of: nodes[filter])
    case .sql(let filter): filter.expression.tree.attributes
    }
  }

  // MARK: As JSON

  /// As it was read, but for white space and escapes.
  private func write(_ node: SubscriptionsNode, to output: inout JSONWriter) {
    switch node {
    case .attributes(let comparison, let conditions):
      output.write("{")
      output.write(string: comparison.rawValue.utf8)
      output.write(":{")
      for (index, condition) in conditions.enumerated() {
        if index > 0 { output.write(",") }
        output.write(string: condition.name.utf8)
        output.write(":")
        output.write(string: condition.text.utf8)
      }
      output.write("}}")
    case .all(let filters):
      output.write("{\"all\":[")
      write(filters, to: &output)
    case .any(let filters):
      output.write("{\"any\":[")
      write(filters, to: &output)
    case .not(let filter):
      output.write("{\"not\":")
      write(nodes[filter], to: &output)
      output.write("}")
    case .sql(let filter):
      output.write("{\"sql\":")
      output.write(string: filter.expression.text.utf8)
      output.write("}")
    }
  }

  private func write(_ filters: [Int], to output: inout JSONWriter) {
    for (index, filter) in filters.enumerated() {
      if index > 0 { output.write(",") }
      write(nodes[filter], to: &output)
    }
    output.write("]}")
  }
}
