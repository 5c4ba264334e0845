/// Writes JSON text.
package enum JSONText {
  /// Appends a string with its quotes: RFC 8259, section 7.
  ///
  /// - Parameter text: well-formed UTF-8.
  package static func append(_ text: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    var written = 0
    for index in text.indices {
      let byte = text[index]
      guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else {
        continue
      }
      output.append(contentsOf: text[written..<index])
      appendEscape(byte, to: &output)
      written = index + 1
    }
    output.append(contentsOf: text[written...])
    output.append(UInt8(ascii: "\""))
  }

  package static func append(_ text: some Sequence<UInt8>, to output: inout [UInt8]) {
    let isDone: Void? = text.withContiguousStorageIfAvailable { append($0, to: &output) }
    if isDone == nil { Array(text).withUnsafeBufferPointer { append($0, to: &output) } }
  }

  private static func appendEscape(_ byte: UInt8, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\\"))
    guard byte < 0x20 else { return output.append(byte) }
    output.append(contentsOf: "u00".utf8)
    output.append(hexDigit(byte >> 4))
    output.append(hexDigit(byte & 15))
  }

  private static func hexDigit(_ value: UInt8) -> UInt8 {
    value + (value < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
  }
}

extension JSONValue {
  /// Appends it as compact JSON text: the same values in the same order, numbers as they were
  /// written. It recurses as deep as the document is nested.
  package func append(to output: inout [UInt8]) {
    switch kind {
    case .null: output.append(contentsOf: "null".utf8)
    case .boolean: output.append(contentsOf: (boolean == true ? "true" : "false").utf8)
    case .number: output.append(contentsOf: utf8)
    case .string: JSONText.append(utf8, to: &output)
    case .array: appendElements(to: &output)
    case .object: appendMembers(to: &output)
    }
  }

  private func appendElements(to output: inout [UInt8]) {
    output.append(UInt8(ascii: "["))
    var isFirst = true
    for element in elements {
      if !isFirst { output.append(UInt8(ascii: ",")) }
      isFirst = false
      element.append(to: &output)
    }
    output.append(UInt8(ascii: "]"))
  }

  private func appendMembers(to output: inout [UInt8]) {
    output.append(UInt8(ascii: "{"))
    var isFirst = true
    for member in members {
      if !isFirst { output.append(UInt8(ascii: ",")) }
      isFirst = false
      JSONText.append(member.name.utf8, to: &output)
      output.append(UInt8(ascii: ":"))
      member.value.append(to: &output)
    }
    output.append(UInt8(ascii: "}"))
  }

  /// As compact JSON text.
  package var json: String {
    var output: [UInt8] = []
    append(to: &output)
    return String(decoding: output, as: UTF8.self)
  }
}
