import TestSupport

/// Texts that are JSON, or nearly.
struct RandomJSON {
  private var random: SeededRandom

  init(_ random: SeededRandom) {
    self.random = random
  }

  private mutating func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }

  private mutating func pick<T>(among values: [T]) -> T { values[pick(values.count)] }

  mutating func text(depth: Int) -> [UInt8] {
    var output: [UInt8] = []
    append(depth: depth, to: &output)
    return output
  }

  private mutating func append(depth: Int, to output: inout [UInt8]) {
    space(&output)
    switch pick(depth > 0 ? 8 : 5) {
    case 0: output += pick(among: ["null", "true", "false"]).utf8
    case 1, 2: output += number().utf8
    case 3, 4: string(&output)
    case 5, 6: list("{}", depth: depth, to: &output)
    default: list("[]", depth: depth, to: &output)
    }
    space(&output)
  }

  private mutating func list(_ brackets: String, depth: Int, to output: inout [UInt8]) {
    output.append(brackets.utf8.first!)
    let count = pick(among: [0, 1, 2, 3, 5, 20])
    for index in 0..<count {
      if index > 0 { output.append(UInt8(ascii: ",")) }
      if brackets == "{}" {
        // Now and then a name is there twice.
        if pick(40) > 0 { output += "\"\(index)".utf8 } else { output += "\"1".utf8 }
        var name: [UInt8] = []
        if pick(2) == 0 { string(&name) }
        output += name.dropFirst().dropLast() + [UInt8(ascii: "\"")]
        space(&output)
        output.append(UInt8(ascii: ":"))
      }
      append(depth: depth - 1, to: &output)
    }
    if count == 0 { space(&output) }
    output.append(brackets.utf8.last!)
  }

  private mutating func space(_ output: inout [UInt8]) {
    if pick(6) == 0 { output += pick(among: [" ", "\n", "\t", "\r\n", "          "]).utf8 }
  }

  private mutating func number() -> String {
    pick(among: ["", "-"]) + pick(among: ["0", "7", "12", "900", "18446744073709551616"])
      + pick(among: ["", "", ".0", ".125", ".00000000000000000000001"])
      + pick(among: ["", "", "e0", "E+12", "e-300"])
  }

  private mutating func string(_ output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    for _ in 0..<pick(12) {
      output +=
        pick(among: [
          "a", "plain text", "é", "日", "😀", "\u{7F}", "\u{80}", "\u{FFFF}", "\u{10FFFF}", "\\n",
          "\\\"",
          "\\\\", "\\/", "\\u0061", "\\u0000", "\\ud83d\\ude00", "\\uFFFE", "\\u00e9",
        ]).utf8
    }
    output.append(UInt8(ascii: "\""))
  }

  /// A few bytes changed, added, doubled or left out.
  mutating func broken(_ text: [UInt8]) -> [UInt8] {
    var text = text
    for _ in 0...pick(3) where !text.isEmpty {
      let place = pick(text.count)
      switch pick(5) {
      case 0: text[place] = UInt8(pick(256))
      case 1: text[place] = pick(among: Array(#""\{}[],:-.0e"#.utf8))
      case 2: text.insert(pick(among: Array(#""\{}[],:-.0eu "#.utf8)), at: place)
      case 3: text.removeSubrange(place..<min(text.count, place + 1 + pick(3)))
      default: text.insert(contentsOf: text[place..<min(text.count, place + pick(9))], at: place)
      }
    }
    return text
  }

  static let scale: Int128 = 1_000_000_000

  /// - Returns: a number's text, and its value times `scale`.
  mutating func decimal() -> (String, Int128) {
    let digits = pick(among: [0, 1, 5, 10, 25, 1_000, pick(1_000_000), pick(1 << 60)])
    let power = pick(19) - 9
    let isNegative = pick(3) == 0
    var value = Int128(digits)
    for _ in 0..<power + 9 { value *= 10 }
    return ("\(isNegative ? "-" : "")\(digits)e\(power)", isNegative ? -value : value)
  }
}
