import JSON

/// Writes compact JSON text that never gets longer than a bound: what would not fit is left out, and
/// `isOver` says so.
struct JSONWriter {
  private(set) var bytes: [UInt8] = []
  private(set) var isOver = false
  private let bytesMax: Int
  /// What is written becomes the text of a string.
  private var isInString = false

  init(bytesMax: Int) {
    self.bytesMax = bytesMax
  }

  /// Writes what is JSON text already.
  mutating func write(_ json: StaticString) {
    json.withUTF8Buffer { write(json: $0) }
  }

  mutating func write(json: some Collection<UInt8>) {
    if isInString { escape(json) } else { put(json) }
  }

  /// With its quotes.
  mutating func write(string: some Collection<UInt8>) {
    write("\"")
    write(stringPart: string)
    write("\"")
  }

  /// A string's text, or a part of it, without quotes.
  mutating func write(stringPart text: some Collection<UInt8>) {
    guard isInString else { return escape(text) }
    // A string within the text of a string: escaped twice. Chunks keep what is built bounded.
    var rest = text[...]
    while !rest.isEmpty, !isOver {
      var part = JSONWriter(bytesMax: .max)
      part.escape(rest.prefix(Self.chunkBytes))
      escape(part.bytes)
      rest = rest.dropFirst(Self.chunkBytes)
    }
  }

  private static let chunkBytes = 256

  /// What `body` writes becomes text of a string, whose quotes are the caller's.
  mutating func inString(_ body: (inout JSONWriter) -> Void) {
    isInString = true
    body(&self)
    isInString = false
  }

  mutating func write(_ value: JSONValue) {
    guard !isOver else { return }
    switch value.kind {
    case .null: write("null")
    case .boolean: write(value.boolean == true ? "true" : "false")
    case .number: write(json: value.utf8)
    case .string: write(string: value.utf8)
    case .array: write(array: value)
    case .object: write(object: value)
    }
  }

  private mutating func write(array: JSONValue) {
    write("[")
    for (index, element) in array.elements.enumerated() {
      guard !isOver else { return }
      if index > 0 { write(",") }
      write(element)
    }
    write("]")
  }

  private mutating func write(object: JSONValue) {
    write("{")
    for (index, member) in object.members.enumerated() {
      guard !isOver else { return }
      if index > 0 { write(",") }
      write(string: member.name.utf8)
      write(":")
      write(member.value)
    }
    write("}")
  }

  // MARK: Bytes

  private mutating func put(_ run: some Collection<UInt8>) {
    let room = bytesMax - bytes.count
    bytes.append(contentsOf: run.prefix(room))
    if run.count > room { isOver = true }
  }

  private mutating func put(_ byte: UInt8) {
    if bytes.count < bytesMax { bytes.append(byte) } else { isOver = true }
  }

  /// RFC 8259, section 7.
  private mutating func escape(_ text: some Collection<UInt8>) {
    for byte in text {
      guard !isOver else { return }
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        put(UInt8(ascii: "\\"))
        put(byte)
      case 0..<0x20: escapeControl(byte)
      default: put(byte)
      }
    }
  }

  /// As all of the project writes them.
  private mutating func escapeControl(_ byte: UInt8) {
    var quoted: [UInt8] = []
    JSONText.append(CollectionOfOne(byte), to: &quoted)
    put(quoted.dropFirst().dropLast())
  }
}

extension JSONWriter {
  /// For a person to read: at most so many bytes, with an ellipsis if there would be more.
  static func shown(
    bytesMax: Int = ExpressionLimits.shownBytesMax, _ body: (inout JSONWriter) -> Void
  ) -> String {
    var writer = JSONWriter(bytesMax: bytesMax)
    body(&writer)
    guard writer.isOver else { return String(decoding: writer.bytes, as: UTF8.self) }
    var bytes = writer.bytes[...]
    // Not within a character: its continuations go, then its first byte, though it may be whole.
    while let last = bytes.last, last >= 0x80 {
      bytes.removeLast()
      if last >= 0xC0 { break }
    }
    return String(decoding: bytes, as: UTF8.self) + "…"
  }
}
