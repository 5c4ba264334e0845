/// Why a text is no CloudEvents SQL, and where, in its bytes.
struct SQLSyntaxError: Error {
  var problem: String
  var offset: Int

  init(_ problem: String, at offset: Int) {
    self.problem = problem
    self.offset = offset
  }
}

/// Cuts CloudEvents SQL into tokens, one at a time.
struct SQLLexer {
  private let text: [UInt8]
  private var offset = 0

  init(_ text: [UInt8]) {
    self.text = text
  }

  mutating func next() throws(SQLSyntaxError) -> SQLToken {
    while offset < text.count, Self.isSpace(text[offset]) { offset += 1 }
    guard offset < text.count else {
      return SQLToken(kind: .end, range: text.count..<text.count)
    }
    let start = offset
    let kind: SQLToken.Kind =
      switch text[offset] {
      case let byte where Self.isOfWord(byte): word()
      case let byte where byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\""):
        try string(quote: byte)
      default: try symbol()
      }
    return SQLToken(kind: kind, range: start..<offset)
  }

  private mutating func word() -> SQLToken.Kind {
    let start = offset
    while offset < text.count, Self.isOfWord(text[offset]) { offset += 1 }
    let word = text[start..<offset]
    if word.allSatisfy({ (0x30...0x39).contains($0) }) { return .integer }
    // No keyword is longer than EXISTS.
    guard word.count <= 6 else { return .word }
    let upper = String(decoding: word, as: UTF8.self).uppercased()
    return SQLToken.Keyword(rawValue: upper).map { .keyword($0) } ?? .word
  }

  /// A backslash keeps the byte after it from ending the string.
  private mutating func string(quote: UInt8) throws(SQLSyntaxError) -> SQLToken.Kind {
    let start = offset
    offset += 1
    while offset < text.count, text[offset] != quote {
      offset += text[offset] == UInt8(ascii: "\\") ? 2 : 1
    }
    guard offset < text.count else { throw SQLSyntaxError("unterminated string", at: start) }
    offset += 1
    return .string
  }

  private mutating func symbol() throws(SQLSyntaxError) -> SQLToken.Kind {
    let next = offset + 1 < text.count ? text[offset + 1] : 0
    switch (text[offset], next) {
    case (UInt8(ascii: "!"), UInt8(ascii: "=")), (UInt8(ascii: "<"), UInt8(ascii: ">")):
      return symbol(.notEqual, length: 2)
    case (UInt8(ascii: "<"), UInt8(ascii: "=")): return symbol(.lessOrEqual, length: 2)
    case (UInt8(ascii: ">"), UInt8(ascii: "=")): return symbol(.greaterOrEqual, length: 2)
    case (UInt8(ascii: "<"), _): return symbol(.less)
    case (UInt8(ascii: ">"), _): return symbol(.greater)
    case (UInt8(ascii: "="), _): return symbol(.equal)
    case (UInt8(ascii: "+"), _): return symbol(.plus)
    case (UInt8(ascii: "-"), _): return symbol(.minus)
    case (UInt8(ascii: "*"), _): return symbol(.times)
    case (UInt8(ascii: "/"), _): return symbol(.divide)
    case (UInt8(ascii: "%"), _): return symbol(.remainder)
    case (UInt8(ascii: "("), _): return punctuation(.open)
    case (UInt8(ascii: ")"), _): return punctuation(.close)
    case (UInt8(ascii: ","), _): return punctuation(.comma)
    default:
      let rest = String(decoding: text[offset...].prefix(4), as: UTF8.self)
      let scalar = rest.unicodeScalars.first.map { $0.escaped(asASCII: false) } ?? ""
      throw SQLSyntaxError("unexpected '\(scalar)'", at: offset)
    }
  }

  private mutating func symbol(_ symbol: SQLOperator, length: Int = 1) -> SQLToken.Kind {
    offset += length
    return .symbol(symbol)
  }

  private mutating func punctuation(_ kind: SQLToken.Kind) -> SQLToken.Kind {
    offset += 1
    return kind
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
  }

  private static func isOfWord(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"): true
    default: false
    }
  }
}
