internal import Encodings
import JSON

extension JSONWriter {
  mutating func write(_ value: EventValue, of event: EventView) {
    switch value {
    case .event: write(event)
    case .metadata: write(metadata: event.metadata)
    case .attribute(let value): write(value)
    case .payload(let value): write(value)
    case .binary(let bytes):
      write("\"")
      write(base64: bytes)
      write("\"")
    }
  }

  /// The whole event in its JSON format. Attributes that have the name of another member, or come a
  /// second time, are left out, so that names are unique.
  mutating func write(_ event: EventView) {
    write("{")
    for (index, attribute) in event.attributes.enumerated() {
      guard !EventView.Member.isReserved(attribute.name),
        !event.attributes[..<index].contains(where: { $0.name == attribute.name })
      else { continue }
      write(string: attribute.name.utf8)
      write(":")
      write(attribute.value)
      write(",")
    }
    write("\"metadata\":")
    write(metadata: event.metadata)
    writeData(of: event)
    write("}")
  }

  private mutating func writeData(of event: EventView) {
    switch event.data {
    case .json(let document):
      write(",\"data\":")
      document.read { write($0) }
    case .text(let text):
      write(",\"data\":")
      write(string: text.utf8)
    case .binary(let bytes):
      write(",\"data_base64\":\"")
      write(base64: bytes)
      write("\"")
    case .none: break
    }
  }

  private mutating func write(_ value: AttributeValue) {
    switch value {
    case .string(let text): write(string: text.utf8)
    case .integer(let number): write(json: String(number).utf8)
    case .boolean(let flag): write(flag ? "true" : "false")
    }
  }

  /// In the order of its names: the same metadata is the same text.
  private mutating func write(metadata: [String: String]) {
    write("{")
    for (index, entry) in metadata.sorted(by: { $0.key < $1.key }).enumerated() {
      if index > 0 { write(",") }
      write(string: entry.key.utf8)
      write(":")
      write(string: entry.value.utf8)
    }
    write("}")
  }
}

extension JSONWriter {
  /// RFC 4648, section 4; without quotes.
  mutating func write(base64 bytes: [UInt8]) {
    // Whole groups of 3 bytes, so that only the last piece is padded.
    for start in stride(from: 0, to: bytes.count, by: 768) {
      guard !isOver else { return }
      write(json: Base64.encode(bytes[start..<min(start + 768, bytes.count)], isPadded: true))
    }
  }
}
