import Expressions
import TestSupport
import Testing

@Suite struct SQLFuzzTests {
  @Test func `a match implies an anchor, and everywhere the same is said`() throws {
    var random = RandomSQL(SeededRandom.announced(for: "SQL"))
    var matches = 0
    for _ in FuzzRounds(4_000) {
      let text = random.condition(depth: 3)
      let event = random.event()
      // Refused if no event could make a cast right; the expression is one all the same.
      let (value, error) = try SQLExpression(text).value(for: event)
      guard let filter = try? Filter(sql: text) else { continue }
      let result = filter.evaluate(event)
      let message: Comment = "\(text) of \(event.attributes)"
      #expect((result == .match) == (value == .boolean(true) && error == nil), message)

      let explanation = filter.explain(event)
      #expect(explanation.result == result, message)
      #expect(explanation.clause.isEmpty == (result == .match), message)
      #expect(text.contains(explanation.clause), message)
      if let anchors = filter.anchors {
        #expect(anchors.count <= ExpressionLimits.anchorsMax)
        guard result == .match else { continue }
        matches += 1
        #expect(anchors.contains { $0.holds(for: event) }, message)
      }
    }
    #expect(matches > 0)
  }

  @Test func `no text makes it crash, and errors are within the text`() {
    var random = RandomSQL(SeededRandom.announced(for: "SQL tokens"))
    let event = random.event()
    for _ in FuzzRounds(6_000) {
      let text = Bool.random(using: &random.random) ? random.soup() : random.broken()
      do {
        let filter = try Filter(sql: text)
        _ = filter.evaluate(event)
        _ = filter.explain(event)
        _ = filter.anchors
      } catch {
        let lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
        #expect((1...lines.count).contains(error.line), "\(text)")
        let width = String(decoding: lines[error.line - 1], as: UTF8.self).unicodeScalars.count
        #expect((1...(width + 1)).contains(error.column), "\(text)")
        #expect(!error.problem.isEmpty)
      }
    }
  }
}

extension Anchor {
  /// As an index has to see it: strings to the byte.
  func holds(for event: EventView) -> Bool {
    guard path.count == 1, let value = event[path[0]] else { return false }
    switch (condition, value) {
    case (.string(let text), .string(let seen)): return seen.utf8.elementsEqual(text.utf8)
    case (.prefix(let prefix), .string(let seen)): return seen.utf8.starts(with: prefix.utf8)
    case (.number(let text), .integer(let number)): return String(number) == text
    case (.boolean(let flag), .boolean(let seen)): return flag == seen
    default: return false
    }
  }
}

/// Random expressions over few names and values, so that they often hold.
struct RandomSQL {
  var random: SeededRandom

  init(_ random: SeededRandom) {
    self.random = random
  }

  private static let names = ["id", "type", "a", "b1", "missing"]
  private static let texts = [
    "", "a", "ab", "abc", "1", "05", "+7", "-3", "true", "TRUE", "false", "é", "e\u{301}",
    "2147483647",
  ]
  private static let patterns = [
    "a%", "ab", "%", "_", "a_", "1%", "t%", "%e", #"a\%"#, "é%", "-%", "tru_", "fals%", "05",
  ]
  private static let integers: [Int32] = [0, 1, 5, 7, -3, 2, .max, .min]

  mutating func pick<T>(_ choices: [T]) -> T { choices.randomElement(using: &random)! }

  mutating func event() -> EventView {
    var event = EventView()
    for name in Self.names where name != "missing" && pick([true, true, true, false]) {
      let value: AttributeValue =
        switch Int.random(in: 0..<4, using: &random) {
        case 0: .integer(pick(Self.integers))
        case 1: .boolean(Bool.random(using: &random))
        default: .string(pick(Self.texts))
        }
      event.attributes.append((name, value))
    }
    return event
  }

  mutating func condition(depth: Int) -> String {
    switch Int.random(in: 0..<(depth > 0 ? 12 : 7), using: &random) {
    case 0, 1: return "\(pick(Self.names)) = \(literal())"
    case 2: return "\(literal()) = \(pick(Self.names))"
    case 3: return "\(pick(Self.names)) \(negation())IN (\(list(depth: depth)))"
    case 4: return "\(operand(depth: 0)) \(negation())LIKE '\(pick(Self.patterns))'"
    case 5: return "EXISTS \(pick(Self.names))"
    case 6: return pick(["a", "b1", "TRUE", "false", "BOOL(a)", "IS_INT(type)"])
    case 7: return "NOT (\(condition(depth: depth - 1)))"
    case 8: return "\(operand(depth: depth)) \(comparison()) \(operand(depth: depth))"
    case 9: return "(\(condition(depth: depth - 1)))"
    default:
      return "\(condition(depth: depth - 1)) \(pick(["AND", "OR", "or", "And", "XOR"])) "
        + condition(depth: depth - 1)
    }
  }

  private mutating func negation() -> String { pick(["", "", "NOT "]) }

  private mutating func comparison() -> String { pick(["=", "!=", "<>", "<", "<=", ">", ">="]) }

  private mutating func list(depth: Int) -> String {
    (0..<Int.random(in: 1...3, using: &random)).map { _ in
      pick([true, true, false]) ? literal() : operand(depth: depth - 1)
    }.joined(separator: ", ")
  }

  private mutating func literal() -> String {
    switch Int.random(in: 0..<6, using: &random) {
    case 0: String(pick(Self.integers))
    case 1: pick(["TRUE", "false"])
    default: "'\(pick(Self.texts))'"
    }
  }

  private mutating func operand(depth: Int) -> String {
    guard depth > 0 else { return pick([true, true, false]) ? pick(Self.names) : literal() }
    let one = operand(depth: depth - 1)
    let other = operand(depth: depth - 1)
    return pick([
      one, "(\(one) + \(other))", "(\(one) - \(other))", "(\(one) * \(other))",
      "(\(one) / \(other))",
      "(\(one) % \(other))", "-(\(one))", "LENGTH(\(one))", "CONCAT(\(one), \(other))",
      "CONCAT_WS('-', \(one), \(other))", "LOWER(\(one))", "UPPER(\(one))", "TRIM(\(one))",
      "LEFT(\(one), \(other))", "RIGHT(\(one), \(other))", "SUBSTRING(\(one), \(other))",
      "SUBSTRING(\(one), \(other), 2)", "ABS(\(one))", "INT(\(one))", "STRING(\(one))",
      "FOO(\(one))",
    ])
  }

  /// Tokens in any order.
  mutating func soup() -> String {
    let tokens = [
      "(", ")", ",", "=", "!=", "<>", "<", "<=", "+", "-", "*", "/", "%", "AND", "or", "Xor", "NOT",
      "LIKE", "IN", "EXISTS", "TRUE", "false", "1", "99999999999", "'a'", "\"b\"", "'", "\\", "id",
      "a_b", "LENGTH", "CONCAT", "é", "\n", "\u{0}", ";", "''", "data",
    ]
    return (0..<Int.random(in: 0...12, using: &random)).map { _ in pick(tokens) }
      .joined(separator: pick(["", " "]))
  }

  /// An expression with some bytes removed, doubled or replaced.
  mutating func broken() -> String {
    var bytes = Array(condition(depth: 3).utf8)
    for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
      let index = Int.random(in: bytes.indices, using: &random)
      switch Int.random(in: 0..<3, using: &random) {
      case 0: bytes.remove(at: index)
      case 1: bytes.insert(bytes[index], at: index)
      default: bytes[index] = UInt8.random(in: 0...127, using: &random)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
