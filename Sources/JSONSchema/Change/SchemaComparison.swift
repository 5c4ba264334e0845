import JSON

/// Compares two schemas keyword by keyword. What is to be compared waits in a list, each pair of
/// places is compared once: references may lead in circles.
struct SchemaComparison {
  /// Two schemas at the same place.
  struct Pair {
    var old: JSONValue
    var new: JSONValue
    var pointer: JSONPointer
    /// Whether the place is one where narrower is not the same as breaking, such as within `not`:
    /// then any difference is unknown.
    var isOpaque = false
  }

  private struct PairPlace: Hashable {
    var old: Int
    var new: Int
    var isOpaque: Bool
  }

  let oldRoot: JSONValue
  let newRoot: JSONValue
  private var pending: [Pair]
  private var seen: Set<PairPlace> = []
  /// For all of it: what is compared may be reached along many ways.
  private var stepsLeft = SchemaLimits.comparisonStepsMax
  private var notes: [SchemaChange.Verdict: [String]] = [:]

  init(from old: JSONValue, to new: JSONValue) {
    oldRoot = old
    newRoot = new
    pending = [Pair(old: old, new: new, pointer: JSONPointer())]
  }

  mutating func run() -> SchemaChange {
    if isSame(oldRoot, newRoot) { return SchemaChange(.compatible) }
    while stepsLeft > 0, let pair = pending.popLast() {
      let place = PairPlace(
        old: pair.old.offset, new: pair.new.offset, isOpaque: pair.isOpaque)
      guard seen.insert(place).inserted else { continue }
      if seen.count > SchemaLimits.comparisonsMax { stepsLeft = 0 }
      if pair.isOpaque { compareOpaque(pair) } else { compareSchemas(pair) }
    }
    if stepsLeft <= 0 {
      notes[.unknown, default: []].append("the schemas are too large to compare")
    }
    for verdict in [SchemaChange.Verdict.breaking, .unknown] {
      if let notes = notes[verdict] { return SchemaChange(verdict, notes: notes) }
    }
    return SchemaChange(.compatible, notes: notes[.compatible] ?? [])
  }

  mutating func note(_ verdict: SchemaChange.Verdict, _ pair: Pair, _ text: String) {
    guard stepsLeft > 0, notes[verdict, default: []].count < SchemaLimits.notesMax else { return }
    let place = pair.pointer.tokens.isEmpty ? "" : "\(pair.pointer): "
    notes[verdict, default: []].append(place + text)
  }

  mutating func compareLater(
    _ old: JSONValue, _ new: JSONValue, _ pair: Pair, _ tokens: [String], isOpaque: Bool = false
  ) {
    let pointer = JSONPointer(tokens: pair.pointer.tokens + tokens)
    pending.append(
      Pair(old: old, new: new, pointer: pointer, isOpaque: isOpaque || pair.isOpaque))
  }

  /// - Returns: false as well once there are no steps left: then nothing is noted any more but that.
  mutating func isSame(_ old: JSONValue, _ new: JSONValue) -> Bool {
    areEqual(old, new, steps: &stepsLeft)
  }

  mutating func isListed(_ value: JSONValue, in values: Enumeration) -> Bool {
    values.contains(value, steps: &stepsLeft)
  }

  // MARK: Schemas

  private mutating func compareSchemas(_ pair: Pair) {
    switch (pair.old.boolean, pair.new.boolean) {
    case (false, false): return
    case (false, _): return note(.compatible, pair, "is allowed now")
    case (_, false): return note(.breaking, pair, "is not allowed any more")
    default: break
    }
    compareReferences(pair)
    compareTypes(pair)
    compareEnumerations(pair)
    compareBounds(pair)
    compareRequired(pair)
    compareProperties(pair)
    compareSubschema("additionalProperties", pair, "other members")
    compareItems(pair)
    compareOthers(pair)
  }

  /// A keyword that is a schema for whatever it says is `what`; without it anything goes.
  mutating func compareSubschema(_ keyword: String, _ pair: Pair, _ what: String) {
    switch (pair.old[keyword], pair.new[keyword]) {
    case (nil, nil): return
    case (let old?, let new?): compareLater(old, new, pair, [keyword])
    case (let old?, nil):
      if !allowsAnything(old) { note(.compatible, pair, "\(what) may be anything now") }
    case (nil, let new?):
      if new.boolean == false {
        note(.breaking, pair, "\(what) are not allowed any more")
      } else if !allowsAnything(new) {
        note(.breaking, pair, "\(what) must satisfy '\(keyword)' now")
      }
    }
  }

  private func allowsAnything(_ schema: JSONValue) -> Bool {
    schema.boolean == true || (schema.kind == .object && schema.count == 0)
  }

  // MARK: References

  private mutating func compareReferences(_ pair: Pair) {
    let old = pair.old["$ref"]?.string
    let new = pair.new["$ref"]?.string
    if old != new {
      note(.unknown, pair, "'$ref' leads elsewhere")
    } else if let old {
      compareTargets(of: old, pair)
    }
  }

  /// What it takes to follow a reference on both sides.
  private static let stepsOfReference = 100

  /// Compares what a reference leads to on either side.
  private mutating func compareTargets(of reference: String, _ pair: Pair) {
    stepsLeft -= Self.stepsOfReference
    let uri = URIReference(reference)
    if MetaSchemas.document(at: uri.absolute) != nil { return }
    guard uri.absolute.isEmpty, let fragment = uri.decodedFragment,
      let pointer = JSONPointer(fragment), let old = oldRoot.value(at: pointer),
      let new = newRoot.value(at: pointer)
    else {
      return note(.unknown, pair, "'$ref' leads to '\(Cited.text(reference))'")
    }
    pending.append(Pair(old: old, new: new, pointer: pointer, isOpaque: pair.isOpaque))
  }

  /// Both must be the same, and so must be what they refer to.
  private mutating func compareOpaque(_ pair: Pair) {
    guard isSame(pair.old, pair.new) else {
      return note(.unknown, pair, "is different within a combination of schemas")
    }
    var values = [pair.old]
    while let value = values.popLast(), stepsLeft > 0 {
      stepsLeft -= 1
      values += value.elements
      for member in value.members {
        if member.name.utf8.elementsEqual("$ref".utf8), let reference = member.value.string {
          compareTargets(of: reference, pair)
        }
        values.append(member.value)
      }
    }
  }
}
