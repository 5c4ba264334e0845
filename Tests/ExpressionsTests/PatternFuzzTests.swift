import Expressions
import JSON
import TestSupport
import Testing

@Suite struct PatternFuzzTests {
  @Test func `a match implies an anchor, and everywhere the same is said`() throws {
    var random = RandomEvents(SeededRandom.announced(for: "patterns"))
    var matches = 0
    for _ in FuzzRounds(1_500) {
      let pattern = random.pattern()
      let filter = try Filter(pattern: pattern)
      let event = try random.event()
      let result = filter.evaluate(event)
      let whole = try JSONDocument(
        try #require(try Template("\"${}\"").render(event, bytesMax: 1 << 20)))
      defer { withExtendedLifetime(whole) {} }
      let message: Comment = "\(pattern) of \(whole.root.json)"

      let explanation = filter.explain(event)
      #expect(explanation.result == result, message)
      #expect(explanation.clause.isEmpty == (result == .match), message)
      if result == .match, let anchors = filter.anchors {
        matches += 1
        #expect(anchors.contains { $0.holds(for: whole.root) }, message)
        #expect(anchors.count <= ExpressionLimits.anchorsMax)
      }
      // The event in its JSON format, taken as a payload, is the same.
      let within = try Filter(pattern: "{\"data\": \(pattern)}")
      #expect(within.evaluate(EventView(data: .json(whole))) == result, message)
    }
    #expect(matches > 0)
  }

  @Test func `arrays are consistent as event-ruler has it`() throws {
    var random = RandomEvents(SeededRandom.announced(for: "arrays"))
    var matches = 0
    for _ in FuzzRounds(3_000) {
      let pattern = random.exactPattern(depth: 3)
      let data = try JSONDocument(random.json(depth: 5))
      let filter = try Filter(pattern: "{\"data\": \(pattern)}")
      let isMatch = filter.evaluate(EventView(data: .json(data))) == .match
      let parsed = try JSONDocument(pattern)
      defer { withExtendedLifetime((data, parsed)) {} }
      let rule = FlatRule(parsed.root)
      #expect(isMatch == rule.matches(FlatEvent(data.root)), "\(pattern) of \(data.root.json)")
      if isMatch { matches += 1 }
    }
    #expect(matches > 0)
  }

  @Test func `no text makes a filter crash`() throws {
    var random = RandomEvents(SeededRandom.announced(for: "broken patterns"))
    let event = try random.event()
    for _ in FuzzRounds(3_000) {
      let text = random.broken(random.pattern())
      if let filter = try? Filter(pattern: text) {
        _ = filter.evaluate(event)
        _ = filter.explain(event)
        _ = filter.anchors
      }
    }
  }

  @Test func `numbers compare as their values`() throws {
    var random = RandomEvents(SeededRandom.announced(for: "numbers"))
    for _ in FuzzRounds(2_000) {
      let (one, other) = (random.number(), random.number())
      let (first, second) = (JSONNumber(json: one)!, JSONNumber(json: other)!)
      let event = EventView(data: .json(try JSONDocument(one)))
      for (symbol, expected) in [
        ("<", first < second), ("<=", first <= second), ("=", first == second),
        (">=", first >= second), (">", first > second),
      ] {
        let filter = try Filter(pattern: "{\"data\": [{\"numeric\": [\"\(symbol)\", \(other)]}]}")
        #expect((filter.evaluate(event) == .match) == expected, "\(one) \(symbol) \(other)")
      }
      let exact = try Filter(pattern: "{\"data\": [\(other)]}")
      #expect((exact.evaluate(event) == .match) == (first == second), "\(one) = \(other)")
    }
  }

  @Test func `wildcards match as by trying everything`() throws {
    var random = RandomEvents(SeededRandom.announced(for: "wildcards"))
    for _ in FuzzRounds(3_000) {
      let wildcard = random.wildcard()
      let text = random.letters(10)
      let filter = try Filter(pattern: "{\"data\": [{\"wildcard\": \"\(wildcard)\"}]}")
      #expect(
        (filter.evaluate(EventView(data: .text(text))) == .match)
          == Self.matches(Array(wildcard)[...], Array(text)[...]), "\(wildcard) \(text)")
    }
  }

  private static func matches(_ wildcard: ArraySlice<Character>, _ text: ArraySlice<Character>)
    -> Bool
  {
    guard let first = wildcard.first else { return text.isEmpty }
    if first == "*" {
      return matches(wildcard.dropFirst(), text)
        || (!text.isEmpty && matches(wildcard, text.dropFirst()))
    }
    return text.first == first && matches(wildcard.dropFirst(), text.dropFirst())
  }
}

extension Anchor {
  /// As an index has to see it.
  fileprivate func holds(for event: JSONValue) -> Bool { holds(for: event, path[...]) }

  private func holds(for value: JSONValue, _ path: ArraySlice<String>) -> Bool {
    if value.kind == .array { return value.elements.contains { holds(for: $0, path) } }
    if let name = path.first {
      return value[name].map { holds(for: $0, path.dropFirst()) } ?? false
    }
    switch condition {
    case .string(let text): return value.string == text
    case .prefix(let text): return value.string?.hasPrefix(text) == true
    case .number(let text): return value.number?.description == text
    case .boolean(let flag): return value.boolean == flag
    case .null: return value.kind == .null
    }
  }
}

// MARK: event-ruler's way

/// An event as event-ruler has it: a field for each value, with the element of each array it is in.
private struct FlatEvent {
  var fields: [(path: [String], value: String, elements: [Int: Int])] = []
  private var arrayCount = 0

  init(_ value: JSONValue) { add(value, [], [:]) }

  private mutating func add(_ value: JSONValue, _ path: [String], _ elements: [Int: Int]) {
    switch value.kind {
    case .object:
      for member in value.members { add(member.value, path + [member.name.string], elements) }
    case .array:
      arrayCount += 1
      let array = arrayCount
      for (index, element) in value.elements.enumerated() {
        var elements = elements
        if element.kind == .object || element.kind == .array { elements[array] = index }
        add(element, path, elements)
      }
    default: fields.append((path, value.json, elements))
    }
  }
}

/// A pattern of exact values as event-ruler has it.
private struct FlatRule {
  var fields: [(path: [String], values: Set<String>)] = []

  init(_ pattern: JSONValue) { add(pattern, []) }

  private mutating func add(_ pattern: JSONValue, _ path: [String]) {
    for member in pattern.members {
      let path = path + [member.name.string]
      if member.value.kind == .object {
        add(member.value, path)
      } else {
        fields.append((path, Set(member.value.elements.map(\.json))))
      }
    }
  }

  func matches(_ event: FlatEvent) -> Bool { matches(event, fields[...], [:]) }

  private func matches(
    _ event: FlatEvent, _ fields: ArraySlice<(path: [String], values: Set<String>)>,
    _ elements: [Int: Int]
  ) -> Bool {
    guard let field = fields.first else { return true }
    return event.fields.contains { candidate in
      guard candidate.path == field.path, field.values.contains(candidate.value),
        candidate.elements.allSatisfy({ elements[$0.key] ?? $0.value == $0.value })
      else { return false }
      let merged = elements.merging(candidate.elements) { one, _ in one }
      return matches(event, fields.dropFirst(), merged)
    }
  }
}
