/// Makes nodes of a text. It owns its memory until `JSONDocument` takes it, or `discard`.
struct JSONParser {
  struct Failure {
    var problem: String
    var offset: Int
  }

  private(set) var nodes: UnsafeMutablePointer<JSONNode>
  let text: UnsafeMutablePointer<UInt8>
  private(set) var count = 0
  private var capacity: Int
  private let end: Int
  private var position = 0
  private let depthMax: Int
  /// The arrays and objects that are open, by their nodes.
  private var open: [Int] = []

  init(_ source: UnsafeRawBufferPointer, depthMax: Int) {
    end = source.count
    // A zero at the end spares a check of the end at every byte.
    text = .allocate(capacity: end + 1)
    if end > 0 {
      UnsafeMutableRawPointer(text).copyMemory(from: source.baseAddress!, byteCount: end)
    }
    text[end] = 0
    capacity = max(16, end / 8)
    nodes = .allocate(capacity: capacity)
    self.depthMax = depthMax
  }

  func discard() {
    nodes.deallocate()
    text.deallocate()
  }

  /// - Returns: nil if the text is one JSON value.
  mutating func run() -> Failure? {
    do throws(Failure) {
      try value()
      while !open.isEmpty { try next() }
      skipSpace()
      if position < end { throw fail("expected nothing more") }
      return nil
    } catch {
      return error
    }
  }

  private func fail(_ problem: String) -> Failure { Failure(problem: problem, offset: position) }

  private func fail(_ problem: String, at offset: Int) -> Failure {
    Failure(problem: problem, offset: offset)
  }

  private mutating func skipSpace() {
    while true {
      switch text[position] {
      case 0x20, 0x0A, 0x0D, 0x09: position += 1
      default: return
      }
    }
  }

  private mutating func add(_ node: JSONNode) {
    if count == capacity {
      let larger = UnsafeMutablePointer<JSONNode>.allocate(capacity: capacity * 2)
      larger.moveInitialize(from: nodes, count: count)
      nodes.deallocate()
      nodes = larger
      capacity *= 2
    }
    (nodes + count).initialize(to: node)
    count += 1
  }

  // MARK: Values

  /// A scalar, or the beginning of an array or object.
  private mutating func value() throws(Failure) {
    skipSpace()
    switch text[position] {
    case UInt8(ascii: "{"): try begin(.object)
    case UInt8(ascii: "["): try begin(.array)
    case UInt8(ascii: "\""): try string(.string)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
    case UInt8(ascii: "t"): try literal("true", .boolean, isTrue: true)
    case UInt8(ascii: "f"): try literal("false", .boolean)
    case UInt8(ascii: "n"): try literal("null", .null)
    default:
      throw fail(position == end ? "the text ends where a value should be" : "expected a value")
    }
  }

  private mutating func begin(_ kind: JSONValue.Kind) throws(Failure) {
    guard open.count < depthMax else {
      throw fail("is nested more than \(depthMax) deep")
    }
    open.append(count)
    add(JSONNode(offset: UInt32(position), length: 0, span: 1, kind: kind))
    position += 1
    skipSpace()
    let isObject = kind == .object
    if text[position] == UInt8(ascii: isObject ? "}" : "]") {
      close()
    } else if isObject {
      try member()
    } else {
      nodes[count - 1].length = 1
      try value()
    }
  }

  /// After a value within an array or object.
  private mutating func next() throws(Failure) {
    skipSpace()
    let container = open[open.count - 1]
    let isObject = nodes[container].kind == .object
    let byte = text[position]
    if byte == UInt8(ascii: ",") {
      position += 1
      if isObject {
        skipSpace()
        try member()
      } else {
        nodes[container].length += 1
        try value()
      }
    } else if byte == UInt8(ascii: isObject ? "}" : "]") {
      if isObject { try checkNames(container) }
      close()
    } else {
      throw fail(isObject ? "expected ',' or '}'" : "expected ',' or ']'")
    }
  }

  private mutating func close() {
    position += 1
    let container = open.removeLast()
    nodes[container].span = UInt32(count - container)
  }

  private mutating func member() throws(Failure) {
    guard text[position] == UInt8(ascii: "\"") else { throw fail("expected a name in quotes") }
    nodes[open[open.count - 1]].length += 1
    try string(.string)
    let name = nodes[count - 1]
    nodes[count - 1].span = JSONName.hash(of: bytes(name))
    skipSpace()
    guard text[position] == UInt8(ascii: ":") else { throw fail("expected ':'") }
    position += 1
    try value()
  }

  private func bytes(_ node: JSONNode) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: text + Int(node.offset), count: Int(node.length))
  }

  private mutating func literal(
    _ word: StaticString, _ kind: JSONValue.Kind, isTrue: Bool = false
  ) throws(Failure) {
    let length = word.utf8CodeUnitCount
    guard position + length <= end,
      UnsafeBufferPointer(start: text + position, count: length)
        .elementsEqual(UnsafeBufferPointer(start: word.utf8Start, count: length))
    else { throw fail("expected a value") }
    add(
      JSONNode(
        offset: UInt32(position), length: UInt32(length), span: 1, kind: kind, isTrue: isTrue))
    position += length
  }

  private mutating func number() throws(Failure) {
    let start = position
    var isInteger = true
    if text[position] == UInt8(ascii: "-") { position += 1 }
    if text[position] == UInt8(ascii: "0") {
      position += 1
      if isDigit(text[position]) { throw fail("a number must not begin with 0") }
    } else {
      try digits()
    }
    if text[position] == UInt8(ascii: ".") {
      isInteger = false
      position += 1
      try digits()
    }
    if text[position] | 0x20 == UInt8(ascii: "e") {
      isInteger = false
      position += 1
      if text[position] == UInt8(ascii: "+") || text[position] == UInt8(ascii: "-") {
        position += 1
      }
      try digits()
    }
    add(
      JSONNode(
        offset: UInt32(start), length: UInt32(position - start), span: 1, kind: .number,
        isIntegerLiteral: isInteger))
  }

  private mutating func digits() throws(Failure) {
    guard isDigit(text[position]) else { throw fail("expected a digit") }
    while isDigit(text[position]) { position += 1 }
  }

  private func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

  // MARK: Names

  /// - Throws: if two members of the object have the same name.
  private func checkNames(_ container: Int) throws(Failure) {
    let total = Int(nodes[container].length)
    guard total > 1 else { return }
    var names: [Int] = []
    names.reserveCapacity(total)
    var index = container + 1
    for _ in 0..<total {
      names.append(index)
      index += 1 + Int(nodes[index + 1].span)
    }
    names.sort { (nodes[$0].span, $0) < (nodes[$1].span, $1) }
    for (place, index) in names.enumerated() {
      var other = place + 1
      while other < total, nodes[names[other]].span == nodes[index].span {
        if bytes(nodes[index]).elementsEqual(bytes(nodes[names[other]])) {
          let name = String(decoding: bytes(nodes[index]).prefix(64), as: UTF8.self)
          throw fail("has the name '\(name)' twice", at: Int(nodes[names[other]].offset) - 1)
        }
        other += 1
      }
    }
  }

  // MARK: Strings

  private mutating func string(_ kind: JSONValue.Kind) throws(Failure) {
    position += 1
    let start = position
    var output = position
    var hasEscapes = false
    while true {
      let byte = text[position]
      switch byte {
      case UInt8(ascii: "\""):
        add(
          JSONNode(
            offset: UInt32(start), length: UInt32(output - start), span: 1, kind: kind))
        position += 1
        return
      case UInt8(ascii: "\\"):
        hasEscapes = true
        try escape(&output)
      case 0x20..<0x80:
        if hasEscapes { text[output] = byte }
        position += 1
        output += 1
      case 0x80...:
        let length = try sequence()
        for _ in 0..<length {
          if hasEscapes { text[output] = text[position] }
          position += 1
          output += 1
        }
      default:
        throw fail(
          position == end ? "the text ends within a string" : "has a control character in a string")
      }
    }
  }

  /// The length of the UTF-8 sequence at hand: RFC 3629, section 4.
  private func sequence() throws(Failure) -> Int {
    let first = text[position]
    let second: ClosedRange<UInt8>
    let length: Int
    switch first {
    case 0xC2...0xDF: (second, length) = (0x80...0xBF, 2)
    case 0xE0: (second, length) = (0xA0...0xBF, 3)
    case 0xED: (second, length) = (0x80...0x9F, 3)
    case 0xE1...0xEF: (second, length) = (0x80...0xBF, 3)
    case 0xF0: (second, length) = (0x90...0xBF, 4)
    case 0xF4: (second, length) = (0x80...0x8F, 4)
    case 0xF1...0xF3: (second, length) = (0x80...0xBF, 4)
    default: throw fail("is not UTF-8")
    }
    // The zero at the end is no continuation, so nothing is read past it.
    guard second.contains(text[position + 1]) else { throw fail("is not UTF-8") }
    for index in 2..<max(length, 2) where text[position + index] & 0xC0 != 0x80 {
      throw fail("is not UTF-8")
    }
    return length
  }

  /// RFC 8259, section 7.
  private mutating func escape(_ output: inout Int) throws(Failure) {
    let byte: UInt8
    switch text[position + 1] {
    case UInt8(ascii: "u"): return try unicodeEscape(&output)
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): byte = text[position + 1]
    case UInt8(ascii: "b"): byte = 0x08
    case UInt8(ascii: "f"): byte = 0x0C
    case UInt8(ascii: "n"): byte = 0x0A
    case UInt8(ascii: "r"): byte = 0x0D
    case UInt8(ascii: "t"): byte = 0x09
    default: throw fail("has an unknown escape in a string")
    }
    text[output] = byte
    output += 1
    position += 2
  }

  private mutating func unicodeEscape(_ output: inout Int) throws(Failure) {
    let start = position
    var code = try hexadecimal()
    switch code {
    case 0xD800..<0xDC00:
      guard text[position] == UInt8(ascii: "\\"), text[position + 1] == UInt8(ascii: "u") else {
        throw fail("has half a surrogate pair in a string", at: start)
      }
      let low = try hexadecimal()
      guard (0xDC00..<0xE000).contains(low) else {
        throw fail("has half a surrogate pair in a string", at: start)
      }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    case 0xDC00..<0xE000:
      throw fail("has half a surrogate pair in a string", at: start)
    default: break
    }
    for byte in UTF8.encode(Unicode.Scalar(code)!)! {
      text[output] = byte
      output += 1
    }
  }

  /// `\uXXXX`.
  private mutating func hexadecimal() throws(Failure) -> UInt32 {
    var code: UInt32 = 0
    for index in 2..<6 {
      // Not past the end: the zero there is no digit.
      guard let digit = Character(Unicode.Scalar(text[position + index])).hexDigitValue else {
        throw fail("has an ill-formed \\u escape in a string")
      }
      code = code << 4 | UInt32(digit)
    }
    position += 6
    return code
  }
}

extension JSONParser.Failure: Error {}
