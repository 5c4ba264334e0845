import JSON

/// A value of JSON, read the plain way: what `JSONDocument` is compared with. By RFC 8259, with no
/// name twice in an object, and at most 128 deep.
indirect enum ReferenceValue: Equatable {
  case null
  case boolean(Bool)
  /// As it was written.
  case number(String)
  case string([Unicode.Scalar])
  case array([ReferenceValue])
  case object([Member])

  struct Member: Equatable {
    var name: [Unicode.Scalar]
    var value: ReferenceValue
  }

  init(_ value: JSONValue) {
    self =
      switch value.kind {
      case .null: .null
      case .boolean: .boolean(value.boolean!)
      case .number: .number(String(decoding: value.utf8, as: UTF8.self))
      case .string: .string(Array(value.string!.unicodeScalars))
      case .array: .array(value.elements.map(Self.init))
      case .object:
        .object(
          value.members.map {
            Member(name: Array($0.name.string.unicodeScalars), value: Self($0.value))
          })
      }
  }

  /// - Returns: nil if the text is not JSON.
  static func read(_ text: [UInt8]) -> ReferenceValue? {
    guard let string = String(validating: text, as: UTF8.self) else { return nil }
    var reader = ReferenceReader(text: Array(string.unicodeScalars))
    guard let value = reader.value(depth: 0) else { return nil }
    reader.skipSpace()
    return reader.isAtEnd ? value : nil
  }
}

private struct ReferenceReader {
  let text: [Unicode.Scalar]
  var place = 0

  var next: Unicode.Scalar? { place < text.count ? text[place] : nil }
  var isAtEnd: Bool { place == text.count }

  mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard next == scalar else { return false }
    place += 1
    return true
  }

  mutating func take(word: String) -> Bool {
    word.unicodeScalars.allSatisfy { take($0) }
  }

  mutating func skipSpace() {
    while take(" ") || take("\n") || take("\r") || take("\t") {}
  }

  mutating func value(depth: Int) -> ReferenceValue? {
    skipSpace()
    switch next {
    case "n": return take(word: "null") ? .null : nil
    case "t": return take(word: "true") ? .boolean(true) : nil
    case "f": return take(word: "false") ? .boolean(false) : nil
    case "\"": return string().map(ReferenceValue.string)
    case "[": return depth < 128 ? array(depth: depth + 1) : nil
    case "{": return depth < 128 ? object(depth: depth + 1) : nil
    default: return number().map(ReferenceValue.number)
    }
  }

  mutating func array(depth: Int) -> ReferenceValue? {
    place += 1
    skipSpace()
    if take("]") { return .array([]) }
    var elements: [ReferenceValue] = []
    repeat {
      guard let element = value(depth: depth) else { return nil }
      elements.append(element)
      skipSpace()
    } while take(",")
    return take("]") ? .array(elements) : nil
  }

  mutating func object(depth: Int) -> ReferenceValue? {
    place += 1
    skipSpace()
    if take("}") { return .object([]) }
    var members: [ReferenceValue.Member] = []
    repeat {
      skipSpace()
      guard let name = string() else { return nil }
      skipSpace()
      guard take(":"), let value = value(depth: depth) else { return nil }
      if members.contains(where: { $0.name == name }) { return nil }
      members.append(ReferenceValue.Member(name: name, value: value))
      skipSpace()
    } while take(",")
    return take("}") ? .object(members) : nil
  }

  mutating func number() -> String? {
    let start = place
    _ = take("-")
    if !take("0"), !digits() { return nil }
    if take("."), !digits() { return nil }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      if !digits() { return nil }
    }
    return String(String.UnicodeScalarView(text[start..<place]))
  }

  mutating func digits() -> Bool {
    let start = place
    while let next, ("0"..."9").contains(next) { place += 1 }
    return place > start
  }

  mutating func string() -> [Unicode.Scalar]? {
    guard take("\"") else { return nil }
    var units: [UInt16] = []
    while let scalar = next {
      place += 1
      switch scalar {
      case "\"": return Self.scalars(units)
      case "\\":
        guard let unit = escape() else { return nil }
        units.append(unit)
      case "\0"..<" ": return nil
      default: units += Array(String(scalar).utf16)
      }
    }
    return nil
  }

  mutating func escape() -> UInt16? {
    guard let scalar = next else { return nil }
    place += 1
    let known: [Unicode.Scalar: UInt16] = [
      "\"": 0x22, "\\": 0x5C, "/": 0x2F, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9,
    ]
    guard scalar == "u" else { return known[scalar] }
    guard place + 4 <= text.count else { return nil }
    let digits = text[place..<place + 4].compactMap { scalar in
      scalar.isASCII ? Character(scalar).hexDigitValue : nil
    }
    place += 4
    return digits.count == 4 ? digits.reduce(UInt16(0)) { $0 << 4 | UInt16($1) } : nil
  }

  /// - Returns: nil if there is half a pair. Only an escape can make one.
  static func scalars(_ units: [UInt16]) -> [Unicode.Scalar]? {
    String(validating: units, as: UTF16.self).map { Array($0.unicodeScalars) }
  }
}
