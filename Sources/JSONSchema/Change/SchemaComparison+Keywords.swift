import JSON

extension SchemaComparison {
  // MARK: Types and values

  private static func types(_ schema: JSONValue) -> Set<String>? {
    guard let type = schema["type"] else { return nil }
    var types = Set(type.elements.compactMap(\.string))
    if let name = type.string { types.insert(name) }
    return types
  }

  mutating func compareTypes(_ pair: Pair) {
    let all: Set = ["null", "boolean", "number", "integer", "string", "array", "object"]
    let oldTypes = Self.types(pair.old)
    let newTypes = Self.types(pair.new)
    guard oldTypes != newTypes else { return }
    let covers = { (types: Set<String>, name: String) in
      types.contains(name) || (name == "integer" && types.contains("number"))
    }
    let gone = (oldTypes ?? all).filter { !covers(newTypes ?? all, $0) }.sorted()
    let added = (newTypes ?? all).filter { !covers(oldTypes ?? all, $0) }.sorted()
    if !gone.isEmpty {
      note(.breaking, pair, "the type \(Cited.list(gone, "and")) is not allowed any more")
    } else if !added.isEmpty {
      note(.compatible, pair, "the type \(Cited.list(added, "and")) is allowed now")
    }
  }

  private static func values(_ schema: JSONValue) -> [JSONValue]? {
    if let constant = schema["const"] { return [constant] }
    return schema["enum"].map { Array($0.elements) }
  }

  mutating func compareEnumerations(_ pair: Pair) {
    let old = Self.values(pair.old)
    let new = Self.values(pair.new)
    switch (old, new) {
    case (nil, nil): return
    case (_, nil): note(.compatible, pair, "may be any value now, not only those listed")
    case (nil, let new?):
      let listed = Cited.list(new.map(Cited.value), "or")
      note(.breaking, pair, "must be one of \(listed) now")
    case (let old?, let new?):
      let oldSet = Enumeration(old)
      let newSet = Enumeration(new)
      let gone = old.filter { !isListed($0, in: newSet) }
      let added = new.filter { !isListed($0, in: oldSet) }
      if !gone.isEmpty {
        let listed = Cited.list(gone.map(Cited.value), "and")
        note(.breaking, pair, "the value \(listed) is not allowed any more")
      } else if !added.isEmpty {
        let listed = Cited.list(added.map(Cited.value), "and")
        note(.compatible, pair, "the value \(listed) is allowed now")
      }
    }
  }

  // MARK: Bounds

  mutating func compareBounds(_ pair: Pair) {
    compareLimits(pair, Limit(of: pair.old, isLower: true), Limit(of: pair.new, isLower: true))
    compareLimits(pair, Limit(of: pair.old, isLower: false), Limit(of: pair.new, isLower: false))
    for noun in ["Length", "Items", "Properties"] {
      compareLimits(
        pair, Limit("min\(noun)", pair.old, isLower: true),
        Limit("min\(noun)", pair.new, isLower: true))
      compareLimits(
        pair, Limit("max\(noun)", pair.old, isLower: false),
        Limit("max\(noun)", pair.new, isLower: false))
    }
    compareDivisors(pair)
    switch (pair.old["uniqueItems"]?.boolean ?? false, pair.new["uniqueItems"]?.boolean ?? false) {
    case (false, true): note(.breaking, pair, "its elements must be unique now")
    case (true, false): note(.compatible, pair, "its elements need not be unique any more")
    default: break
    }
  }

  private mutating func compareLimits(_ pair: Pair, _ old: Limit?, _ new: Limit?) {
    switch (old, new) {
    case (nil, nil): return
    case (let old?, nil): note(.compatible, pair, "\(old) is gone")
    case (nil, let new?): note(.breaking, pair, "\(new) is new")
    case (let old?, let new?):
      if old.isNarrower(than: new) {
        note(.compatible, pair, "\(old) became \(new)")
      } else if new.isNarrower(than: old) {
        note(.breaking, pair, "\(old) became \(new)")
      }
    }
  }

  private mutating func compareDivisors(_ pair: Pair) {
    switch (pair.old["multipleOf"]?.number, pair.new["multipleOf"]?.number) {
    case (nil, nil): return
    case (_?, nil): note(.compatible, pair, "'multipleOf' is gone")
    case (nil, let new?): note(.breaking, pair, "'multipleOf' \(new) is new")
    case (let old?, let new?):
      guard old != new, (1...JSONNumber.divisorDigitsMax).contains(new.digits.count) else { return }
      let verdict: SchemaChange.Verdict = old.isMultiple(of: new) ? .compatible : .breaking
      note(verdict, pair, "'multipleOf' \(old) became \(new)")
    }
  }

  // MARK: Objects and arrays

  mutating func compareRequired(_ pair: Pair) {
    let names = { (schema: JSONValue) in
      Set(schema["required"]?.elements.compactMap(\.string) ?? [])
    }
    let old = names(pair.old)
    let new = names(pair.new)
    for name in new.subtracting(old).sorted() {
      note(.breaking, pair, "'\(Cited.text(name))' is required now")
    }
    for name in old.subtracting(new).sorted() {
      note(.compatible, pair, "'\(Cited.text(name))' is not required any more")
    }
  }

  mutating func compareProperties(_ pair: Pair) {
    var added: [String: JSONValue] = [:]
    for member in pair.new["properties"]?.members.map({ $0 }) ?? [] {
      added[member.name.string] = member.value
    }
    for member in pair.old["properties"]?.members.map({ $0 }) ?? [] {
      let name = member.name.string
      if let new = added.removeValue(forKey: name) {
        compareLater(member.value, new, pair, ["properties", name])
      } else {
        note(.breaking, pair, "the member '\(Cited.text(name))' is gone")
      }
    }
    for (name, schema) in added.sorted(by: { $0.key < $1.key }) {
      let said = "the member '\(Cited.text(name))' is new"
      note(schema.boolean == false ? .unknown : .compatible, pair, said)
    }
  }

  mutating func compareItems(_ pair: Pair) {
    let isTuple = pair.old["items"]?.kind == .array || pair.new["items"]?.kind == .array
    if isTuple {
      compareTuples("items", pair)
      compareSubschema("additionalItems", pair, "further elements")
    } else {
      compareTuples("prefixItems", pair)
      compareSubschema("items", pair, "elements")
    }
  }

  private mutating func compareTuples(_ keyword: String, _ pair: Pair) {
    guard pair.old[keyword] != nil || pair.new[keyword] != nil else { return }
    guard let old = pair.old[keyword], let new = pair.new[keyword], old.kind == .array,
      new.kind == .array, old.count == new.count
    else { return note(.unknown, pair, "'\(keyword)' is different") }
    for (index, (one, other)) in zip(old.elements, new.elements).enumerated() {
      compareLater(one, other, pair, [keyword, String(index)])
    }
  }

  // MARK: Others

  /// Keywords that no rule is for: if they are the same, what they refer to must be too.
  mutating func compareOthers(_ pair: Pair) {
    let opaque = [
      "$schema", "$anchor", "$dynamicAnchor", "$dynamicRef", "allOf", "anyOf", "oneOf", "not",
      "if", "then", "else", "dependentSchemas", "dependentRequired", "dependencies",
      "patternProperties", "propertyNames", "contains", "minContains", "maxContains",
      "unevaluatedItems", "unevaluatedProperties", "pattern", "format",
    ]
    for keyword in opaque {
      switch (pair.old[keyword], pair.new[keyword]) {
      case (nil, nil): continue
      case (let old?, let new?):
        if isSame(old, new) {
          compareLater(old, new, pair, [keyword], isOpaque: true)
        } else {
          note(.unknown, pair, "'\(keyword)' is different")
        }
      case (_?, nil): note(.unknown, pair, "'\(keyword)' is gone")
      case (nil, _?): note(.unknown, pair, "'\(keyword)' is new")
      }
    }
    // That of the whole schema is its name, which may well have a version in it.
    guard !pair.pointer.tokens.isEmpty else { return }
    if pair.old["$id"]?.string != pair.new["$id"]?.string {
      note(.unknown, pair, "'$id' is different")
    }
  }
}
