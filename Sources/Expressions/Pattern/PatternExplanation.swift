import JSON

extension ContentPattern {
  /// The first member that does not match by itself. If each does, but not within the same element of
  /// an array, it is the object that asks for them together; if no branch of an `$or` does, the `$or`.
  func explain(_ event: EventView) -> FilterExplanation {
    let result = evaluate(event)
    guard result == .noMatch, let document = try? JSONDocument(text) else {
      return FilterExplanation(result)
    }
    return withExtendedLifetime((event, document)) {
      var search = PatternExplanation(pattern: self, event: event)
      return search.object(0, clause: document.root, values: [.event], path: "")
        ?? FilterExplanation(result)
    }
  }
}

/// The search for the clause that failed. Not on the path of a trigger: it allocates.
private struct PatternExplanation {
  let pattern: ContentPattern
  let event: EventView
  var evaluation: PatternEvaluation

  init(pattern: ContentPattern, event: EventView) {
    self.pattern = pattern
    self.event = event
    evaluation = PatternEvaluation(pattern, event)
  }

  /// - Parameters:
  ///   - clause: the object's text.
  ///   - values: those it is about, none of them an array.
  /// - Returns: nil if each member matches for one of the values.
  mutating func object(
    _ index: Int, clause: JSONValue, values: [EventValue], path: String
  ) -> FilterExplanation? {
    for (child, member) in zip(pattern.children(of: index), clause.members)
    where !holds(child, for: values) {
      return explain(child, member, values, path)
    }
    return nil
  }

  private mutating func holds(_ index: Int, for values: [EventValue]) -> Bool {
    guard !values.isEmpty else { return evaluation.holds(index, for: nil) }
    let isForEach = pattern.nodes[index].asksForAbsence
    for value in values where evaluation.holds(index, for: value) != isForEach {
      return !isForEach
    }
    return isForEach
  }

  private mutating func explain(
    _ index: Int, _ member: JSONValue.Member, _ values: [EventValue], _ path: String
  ) -> FilterExplanation {
    let node = pattern.nodes[index]
    if node.kind == .or {
      return failure(path) { writer in
        writer.write("{\"$or\":")
        writer.write(member.value)
        writer.write("}")
      }
    }
    let path = (path.isEmpty ? "" : path + ".") + member.name.string
    var found: [EventValue] = []
    for value in values {
      if let value = evaluation.member(of: node, in: value) { found.append(value) }
    }
    if node.kind == .object {
      let inner = found.flatMap(elements)
      let cause = object(index, clause: member.value, values: inner, path: path)
      if let cause { return cause }
    }
    return failure(path, seen: found) { $0.write(member.value) }
  }

  /// What an object of the pattern is about: a value, or all elements of an array.
  private func elements(of value: EventValue) -> [EventValue] {
    guard case .payload(let array) = value, array.kind == .array else { return [value] }
    return array.elements.flatMap { elements(of: .payload($0)) }
  }

  private func failure(
    _ path: String, seen: [EventValue] = [], clause: (inout JSONWriter) -> Void
  ) -> FilterExplanation {
    FilterExplanation(
      .noMatch, clause: JSONWriter.shown(clause), path: path,
      seen: JSONWriter.shown { writer in
        if seen.count > 1 { writer.write("[") }
        for (index, value) in seen.enumerated() where !writer.isOver {
          if index > 0 { writer.write(",") }
          writer.write(value, of: event)
        }
        if seen.count > 1 { writer.write("]") }
      })
  }
}
