import JSON

/// Makes a template's segments of its text: what is JSON around the placeholders is written once, and
/// neighbouring pieces become one.
struct TemplateCompiler {
  private let text: String
  private var segments: [Template.Segment] = []
  private var literal = JSONWriter(bytesMax: .max)
  private var placeholderCount = 0

  /// A part of a string.
  private enum Part {
    case text(Range<Int>)
    case placeholder(Placeholder)
  }

  init(_ text: String) {
    self.text = text
  }

  mutating func run() throws(ExpressionError) -> [Template.Segment] {
    let document: JSONDocument
    do {
      document = try JSONDocument(
        text, limits: JSONLimits(bytesMax: ExpressionLimits.textBytesMax))
    } catch {
      throw ExpressionError(error.problem, at: error.offset, in: text)
    }
    defer { withExtendedLifetime(document) {} }
    try value(document.root)
    endLiteral()
    return segments
  }

  // MARK: Values

  /// Recurses along a document whose depth is bounded.
  private mutating func value(_ value: JSONValue) throws(ExpressionError) {
    switch value.kind {
    case .null, .boolean, .number: literal.write(value)
    case .string: try string(value)
    case .array:
      literal.write("[")
      for (index, element) in value.elements.enumerated() {
        if index > 0 { literal.write(",") }
        try self.value(element)
      }
      literal.write("]")
    case .object: try object(value)
    }
  }

  private mutating func object(_ value: JSONValue) throws(ExpressionError) {
    literal.write("{")
    for (index, member) in value.members.enumerated() {
      if index > 0 { literal.write(",") }
      try name(member)
      literal.write(":")
      try self.value(member.value)
    }
    literal.write("}")
  }

  private mutating func name(_ member: JSONValue.Member) throws(ExpressionError) {
    literal.write("\"")
    var place = 0
    while let next = marker(in: member.name.utf8, from: place) {
      guard next.isEscaped else {
        throw ExpressionError(
          "a member's name takes no placeholders", at: member.value.offset, in: text)
      }
      literal.write(stringPart: member.name.utf8[place..<next.start])
      literal.write("${")
      place = next.end
    }
    literal.write(stringPart: member.name.utf8[place...])
    literal.write("\"")
  }

  private mutating func string(_ value: JSONValue) throws(ExpressionError) {
    let utf8 = value.utf8
    let parts = try parts(of: value)
    if parts.count == 1, case .placeholder(let placeholder) = parts[0] {
      return add(.value(placeholder))
    }
    literal.write("\"")
    for part in parts {
      switch part {
      case .text(let range): literal.write(stringPart: utf8[range])
      case .placeholder(let placeholder): add(.text(placeholder))
      }
    }
    literal.write("\"")
  }

  private mutating func add(_ segment: Template.Segment) {
    endLiteral()
    segments.append(segment)
  }

  private mutating func endLiteral() {
    guard !literal.bytes.isEmpty else { return }
    segments.append(.literal(literal.bytes))
    literal = JSONWriter(bytesMax: .max)
  }

  // MARK: Strings

  private mutating func parts(of value: JSONValue) throws(ExpressionError) -> [Part] {
    let utf8 = value.utf8
    var parts: [Part] = []
    var place = 0
    while let next = marker(in: utf8, from: place) {
      if place < next.start { parts.append(.text(place..<next.start)) }
      if next.isEscaped {
        parts.append(.text(next.start + 1..<next.end))
        place = next.end
      } else {
        guard let end = utf8[next.end...].firstIndex(of: UInt8(ascii: "}")) else {
          throw fail("'${' has no '}' after it", at: value, next.start)
        }
        let placeholder = try placeholder(value, next.start, next.end..<end)
        parts.append(.placeholder(placeholder))
        place = end + 1
      }
    }
    if place < utf8.count { parts.append(.text(place..<utf8.count)) }
    return parts
  }

  private mutating func placeholder(
    _ value: JSONValue, _ start: Int, _ range: Range<Int>
  ) throws(ExpressionError) -> Placeholder {
    placeholderCount += 1
    guard placeholderCount <= ExpressionLimits.placeholdersMax else {
      throw fail(
        "has more than \(ExpressionLimits.placeholdersMax) placeholders", at: value, start)
    }
    guard let pointer = JSONPointer(String(decoding: value.utf8[range], as: UTF8.self)) else {
      throw fail(
        "a placeholder is empty or a JSON pointer, such as '${/data/id}'", at: value,
        range.lowerBound)
    }
    return Placeholder(pointer)
  }

  /// The next `${`, or `$${`, which is a literal `${`.
  private func marker(
    in utf8: UnsafeBufferPointer<UInt8>, from place: Int
  ) -> (start: Int, end: Int, isEscaped: Bool)? {
    let dollar = UInt8(ascii: "$")
    var start = place
    while start + 1 < utf8.count {
      if utf8[start] == dollar {
        if utf8[start + 1] == UInt8(ascii: "{") { return (start, start + 2, false) }
        if start + 2 < utf8.count, utf8[start + 1] == dollar, utf8[start + 2] == UInt8(ascii: "{") {
          return (start, start + 3, true)
        }
      }
      start += 1
    }
    return nil
  }

  private func fail(_ problem: String, at value: JSONValue, _ index: Int) -> ExpressionError {
    ExpressionError(problem, at: value.offset(ofByte: index, in: text), in: text)
  }
}
