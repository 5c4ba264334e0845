import JSON

/// `anyOf` and `oneOf`: what is wrong is said of the alternative that was meant, if that can be told.
extension Explainer {
  private struct Alternative {
    var position: Int
    var findings: [Finding]
  }

  mutating func explainAlternatives(_ keyword: String, _ list: Span) {
    var satisfied: [String] = []
    for (position, branch) in list.indices.enumerated()
    where checker.check(tables.lists[branch], place.value) {
      satisfied.append(String(position))
    }
    guard !isDone else { return }
    guard satisfied.isEmpty else {
      let which = Cited.list(satisfied, "and")
      let problem = "satisfies the alternatives \(which) of 'oneOf'; it must satisfy exactly one"
      return report(keyword, problem)
    }
    guard nesting < SchemaLimits.explainedNestingMax else {
      return report(keyword, "satisfies none of \(Cited.counted(Int(list.count), "alternative"))")
    }
    explainNone(keyword, failures(keyword, list), of: Int(list.count))
  }

  /// What is wrong with each alternative.
  private mutating func failures(_ keyword: String, _ list: Span) -> [Alternative] {
    var alternatives: [Alternative] = []
    let kept = (place, children, findings, limit, checker.scope)
    nesting += 1
    limit = min(limit - findings.count, 3)
    for (position, branch) in list.indices.enumerated().prefix(
      SchemaLimits.explainedAlternativesMax)
    {
      findings = []
      explainAll(kept.0.within([keyword, String(position)], tables.lists[branch], scope: kept.4))
      alternatives.append(Alternative(position: position, findings: findings))
    }
    nesting -= 1
    (place, children, findings, limit, checker.scope) = kept
    return alternatives
  }

  private mutating func explainNone(
    _ keyword: String, _ alternatives: [Alternative], of count: Int
  ) {
    let value = place.value
    let ofThisKind = alternatives.filter { types(of: $0) == nil }
    if ofThisKind.isEmpty, !alternatives.isEmpty {
      var types = TypeSet()
      for alternative in alternatives { types = types.widened(by: self.types(of: alternative)!) }
      let problem = "\(value.kind.phrase(value)); it must be \(types.phrase)"
      return report(keyword, problem, types: types)
    }
    let chosen = ofThisKind.filter { !isChosenAgainst($0) }
    if chosen.count == 1 || ofThisKind.count == 1 {
      let nearest = chosen.count == 1 ? chosen[0] : ofThisKind[0]
      findings += nearest.findings.prefix(max(0, limit - findings.count))
      return
    }
    report(keyword, summary(of: chosen.isEmpty ? ofThisKind : chosen, count: count))
  }

  /// The right types, if the value itself has a wrong one.
  private func types(of alternative: Alternative) -> TypeSet? {
    alternative.findings.first.flatMap { $0.depth == place.instance.count ? $0.types : nil }
  }

  /// Whether a member that says which alternative is meant says another one.
  private func isChosenAgainst(_ alternative: Alternative) -> Bool {
    alternative.findings.contains { $0.isChoice && $0.depth == place.instance.count + 1 }
  }

  private func summary(of alternatives: [Alternative], count: Int) -> String {
    let shown = alternatives.prefix(3).compactMap { alternative -> String? in
      guard let violation = alternative.findings.first?.violation else { return nil }
      let here = JSONPointer(tokens: place.instance).description
      let place = Substring(violation.instanceLocation.utf8.dropFirst(here.utf8.count))
      let at = place.isEmpty ? "" : "'\(Cited.text(place))' "
      return "(\(alternative.position)) \(at)\(violation.problem)"
    }
    let more = alternatives.count > 3 ? ", and so on" : ""
    return "satisfies none of \(Cited.counted(count, "alternative")): "
      + shown.joined(separator: ", ") + more
  }
}

extension TypeSet {
  /// Allows what either allows: numbers are more than integers.
  fileprivate func widened(by other: TypeSet) -> TypeSet {
    var types = union(other)
    let hasNumber = { (set: TypeSet) in set.contains(.number) && !set.contains(.integersOnly) }
    if hasNumber(self) || hasNumber(other) { types.remove(.integersOnly) }
    return types
  }
}
