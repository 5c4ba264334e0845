import Expressions
import JSON
import TestSupport

/// Random events and what may be said of them, of few names and values, so that much of it meets.
struct RandomEvents {
  var random: SeededRandom

  init(_ random: SeededRandom) {
    self.random = random
  }

  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

  mutating func one<T>(of choices: [T]) -> T { choices.randomElement(using: &random)! }

  mutating func letters(_ countMax: Int) -> String {
    let count = Int.random(in: 0...countMax, using: &random)
    return String((0..<count).map { _ in one(of: ["a", "b"]) as Character })
  }

  // MARK: Events

  mutating func event() throws -> EventView {
    var event = EventView()
    for name in ["a", "b", "c"] where chance(60) {
      event.attributes.append(
        (name, one(of: [.string("x"), .string("xy"), .integer(1), .boolean(true)])))
    }
    for name in ["a", "b"] where chance(60) { event.metadata[name] = one(of: ["x", "xy", "Ä\n"]) }
    switch Int.random(in: 0..<10, using: &random) {
    case 0: event.data = .none
    case 1: event.data = .text(one(of: ["x", "xy", "{\"a\""]))
    case 2: event.data = .binary((0..<5).map { _ in UInt8.random(in: 0...255, using: &random) })
    default: event.data = .json(try JSONDocument(json(depth: 4)))
    }
    return event
  }

  /// More often an object or array than not, as long as they may nest.
  mutating func json(depth: Int) -> String {
    guard depth > 0, chance(75) else { return scalar() }
    if chance(50) {
      let count = Int.random(in: 0...3, using: &random)
      return "[" + (0..<count).map { _ in json(depth: depth - 1) }.joined(separator: ",") + "]"
    }
    return "{" + names().map { "\"\($0)\":" + json(depth: depth - 1) }.joined(separator: ",") + "}"
  }

  private mutating func names() -> [String] {
    ["a", "b", "c"].filter { _ in chance(60) }
  }

  mutating func scalar() -> String {
    one(of: [#""x""#, #""xy""#, #""X""#, #""""#, "1", "1.0", "2", "-0.5", "true", "false", "null"])
  }

  mutating func number() -> String {
    let digits = ["0", "1", "10", "12", "100", "999", "9007199254740993", "120"]
    var text = (chance(30) ? "-" : "") + one(of: digits)
    if chance(50) { text += "." + one(of: ["0", "5", "05", "50", "001", "9"]) }
    guard chance(40) else { return text }
    text += one(of: ["e", "E"]) + one(of: ["", "+", "-"]) + one(of: ["0", "1", "2", "02", "400"])
    return text
  }

  // MARK: Patterns

  mutating func pattern() -> String {
    var members = ["a", "b", "c"].filter { _ in chance(25) }.map { "\"\($0)\":" + field() }
    if chance(20) { members.append("\"metadata\":" + object(depth: 1)) }
    if members.isEmpty || chance(60) {
      members.append("\"data\":" + (chance(25) ? field() : object(depth: 3)))
    }
    if chance(5) { members.append("\"data_base64\":" + field()) }
    return "{" + members.joined(separator: ",") + "}"
  }

  private mutating func object(depth: Int) -> String {
    var members = names().map { name in
      "\"\(name)\":" + (depth > 0 && chance(40) ? object(depth: depth - 1) : field())
    }
    if members.isEmpty || chance(15) {
      let count = Int.random(in: 1...3, using: &random)
      let branches = (0..<count).map { _ in
        depth > 0 ? object(depth: depth - 1) : "{\"a\":\(field())}"
      }
      members.append("\"$or\":[" + branches.joined(separator: ",") + "]")
    }
    return "{" + members.joined(separator: ",") + "}"
  }

  private mutating func field() -> String {
    let count = Int.random(in: 1...3, using: &random)
    return "[" + (0..<count).map { _ in alternative() }.joined(separator: ",") + "]"
  }

  private mutating func alternative() -> String {
    guard chance(45) else { return scalar() }
    return one(of: [
      #"{"prefix":"x"}"#, #"{"suffix":"y"}"#, #"{"prefix":{"equals-ignore-case":"X"}}"#,
      #"{"equals-ignore-case":"ä\n"}"#, #"{"wildcard":"x*"}"#, #"{"wildcard":"*"}"#,
      #"{"anything-but":"x"}"#, #"{"anything-but":[1,null]}"#, #"{"anything-but":{"prefix":"x"}}"#,
      #"{"numeric":[">",0,"<",2]}"#, #"{"numeric":["=",1]}"#, #"{"exists":true}"#,
      #"{"exists":false}"#, #"{"exists":false}"#, #"{"cidr":"10.0.0.0/8"}"#,
    ])
  }

  /// Of exact values alone.
  mutating func exactPattern(depth: Int) -> String {
    var names = names()
    if names.isEmpty { names = ["a"] }
    return "{"
      + names.map { name in
        let value =
          depth > 0 && chance(50)
          ? exactPattern(depth: depth - 1) : #"["x", "xy", "X", "", 1, 1.0, true]"#
        return "\"\(name)\":" + value
      }.joined(separator: ",") + "}"
  }

  mutating func wildcard() -> String {
    let pieces = (0..<Int.random(in: 1...4, using: &random)).map { _ in letters(3) }
    return pieces.joined(separator: "*").replacing("**", with: "*").replacing("**", with: "*")
  }

  // MARK: Texts that are none

  mutating func broken(_ text: String) -> String {
    var bytes = Array(text.utf8)
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let place = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
      case 1: bytes[place] = one(of: Array(#"{}[]":,\*$/~0-e"#.utf8))
      case 2 where bytes.count > 1: bytes.remove(at: place)
      default:
        let end = Int.random(in: place..<bytes.count, using: &random)
        bytes.insert(contentsOf: bytes[place..<end], at: place)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
