import EventCore
import Matching
import TestSupport

/// Random subscriptions and triggers of few names and values, so that they often meet.
struct RandomDefinitions {
  var random: SeededRandom

  init(_ random: SeededRandom) {
    self.random = random
  }

  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

  mutating func one<T>(of choices: [T]) -> T { choices.randomElement(using: &random)! }

  mutating func some<T>(_ count: ClosedRange<Int>, _ body: (inout Self) -> T) -> [T] {
    (0..<Int.random(in: count, using: &random)).map { _ in body(&self) }
  }

  // MARK: Names

  mutating func name() -> String {
    some(1...3) { $0.one(of: ["a", "b"]) }.joined(separator: ".")
  }

  mutating func namePattern() -> String {
    var segments = some(0...2) { $0.one(of: ["a", "b", "*"]) }
    segments.append(one(of: ["a", "b", "*", "**"]))
    return segments.joined(separator: ".")
  }

  mutating func subscription(_ id: String) -> Subscription {
    Subscription.to(chance(50) ? name() : namePattern(), id: id, chance(90) ? filter() : nil)
  }

  // MARK: Filters

  private static let attributes = ["region", "tier", "type", "missing", "datacontenttype"]
  private static let texts = [
    "eu", "eu-west", "e", "é", "e\u{301}", "1", "05", "-3", "true", "a.b", "a", "",
    String(repeating: "long", count: 20),
  ]

  mutating func filter() -> SubscriptionFilter {
    switch Int.random(in: 0..<10, using: &random) {
    case 0...2: SubscriptionFilter(.sql, sql(depth: 2))
    case 3...4: SubscriptionFilter(.json, dialect(depth: 2))
    case 5: SubscriptionFilter(.pattern, "{")
    default: SubscriptionFilter(.pattern, pattern())
    }
  }

  private mutating func sql(depth: Int) -> String {
    let attribute = one(of: Self.attributes)
    let text = "'\(one(of: Self.texts))'"
    if depth > 0, chance(40) {
      let operation = one(of: ["AND", "OR", "XOR"])
      return "(\(sql(depth: depth - 1))) \(operation) (\(sql(depth: depth - 1)))"
    }
    return one(of: [
      "\(attribute) = \(text)", "\(text) = \(attribute)", "\(attribute) = 1", "5 = \(attribute)",
      "\(attribute) IN (\(text), 'eu-west', 'x')", "\(attribute) LIKE 'e%'", "EXISTS \(attribute)",
      "\(attribute) LIKE '\(String(repeating: "long", count: 18))%'",
      "NOT (\(attribute) = \(text))",
      "\(attribute) != \(text)", "INT(\(attribute)) > 0", attribute,
    ])
  }

  private mutating func dialect(depth: Int) -> String {
    guard depth > 0, chance(40) else {
      let name = one(of: ["exact", "exact", "prefix", "suffix"])
      let text = one(of: Self.texts.filter { !$0.isEmpty })
      return "{\"\(name)\":{\"\(one(of: Self.attributes))\":\"\(text)\"}}"
    }
    guard chance(80) else { return "{\"not\":\(dialect(depth: depth - 1))}" }
    let parts = some(1...3) { $0.dialect(depth: depth - 1) }
    return "{\"\(one(of: ["all", "any"]))\":[\(parts.joined(separator: ","))]}"
  }

  private mutating func pattern() -> String {
    var members = ["region", "tier"].filter { _ in chance(25) }.map { "\"\($0)\":\(field())" }
    if chance(15) { members.append("\"metadata\":{\"Odd Key\":\(field())}") }
    if members.isEmpty || chance(60) {
      members.append("\"data\":" + (chance(20) ? field() : object(depth: 2)))
    }
    if chance(10) { members.append("\"data_base64\":[\"AAE=\",{\"prefix\":\"A\"}]") }
    if chance(15) {
      members.append("\"$or\":[{\"type\":\(field())},{\"data\":\(object(depth: 1))}]")
    }
    return "{\(members.joined(separator: ","))}"
  }

  private mutating func object(depth: Int) -> String {
    var names = ["a", "b"].filter { _ in chance(60) }
    if names.isEmpty { names = ["a"] }
    return "{"
      + names.map { name in
        "\"\(name)\":" + (depth > 0 && chance(40) ? object(depth: depth - 1) : field())
      }.joined(separator: ",") + "}"
  }

  private mutating func field() -> String {
    let alternatives = some(1...3) { random in
      random.chance(65)
        ? random.scalar()
        : random.one(of: [
          #"{"prefix":"e"}"#, #"{"prefix":"eu-"}"#, #"{"wildcard":"e*t"}"#, #"{"suffix":"t"}"#,
          #"{"numeric":["=",5]}"#, #"{"numeric":[">",0]}"#, #"{"exists":true}"#,
          #"{"exists":false}"#, #"{"anything-but":"eu"}"#,
          "{\"prefix\":\"\(String(repeating: "long", count: 17))\"}",
        ])
    }
    return "[\(alternatives.joined(separator: ","))]"
  }

  // MARK: Triggers

  /// Values that are equal in several spellings among them.
  mutating func scalar() -> String {
    chance(50)
      ? one(of: Self.texts.map { "\"\($0)\"" })
      : one(of: [
        "1", "1.0", "10e-1", "100", "1e2", "0.05", "5e-2", "0", "-0", "0.0e7", "-3", "5", "true",
        "false", "null", "12345678901234567890123", "1.50", "15e-1", "1e99999999999999999999",
        "10e99999999999999999998",
      ])
  }

  mutating func trigger() -> Trigger {
    var trigger = Trigger()
    trigger.event = name()
    for key in ["region", "tier", "Odd Key"] where chance(60) {
      trigger.metadata[key] = one(of: Self.texts)
    }
    let type = one(of: ["application/json", "application/json", "text/plain", "application/x-raw"])
    let json = chance(95) ? json(depth: 4) : "{\"a\":"
    trigger.payload = Payload(
      data: chance(5) ? [0, 1] : chance(5) ? [] : Array(json.utf8), dataType: type)
    return trigger
  }

  private mutating func json(depth: Int) -> String {
    guard depth > 0, chance(80) else { return scalar() }
    if chance(30) {
      return "[\(some(0...3) { $0.json(depth: depth - 1) }.joined(separator: ","))]"
    }
    let names = ["a", "b", "c"].filter { _ in chance(60) }
    return "{\(names.map { "\"\($0)\":" + json(depth: depth - 1) }.joined(separator: ","))}"
  }
}
