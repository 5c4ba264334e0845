import JSON

/// What a message cites of a schema or a value: bounded, and on one line.
enum Cited {
  static func text(_ text: some StringProtocol) -> String {
    var cited = ""
    for (count, scalar) in text.unicodeScalars.enumerated() {
      guard count < SchemaLimits.citedScalarsMax else { return cited + "…" }
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator: cited += " "
      default: cited.unicodeScalars.append(scalar)
      }
    }
    return cited
  }

  static func bytes(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    // Cut before decoding: the rest may be megabytes. A scalar cut in half is beyond what is shown.
    let shown = UnsafeBufferPointer(rebasing: bytes.prefix(SchemaLimits.citedScalarsMax * 4 + 4))
    return text(String(decoding: shown, as: UTF8.self))
  }

  /// A value as it would be written: strings in quotes, arrays and objects by their size.
  static func value(_ value: JSONValue) -> String {
    switch value.kind {
    case .null: "null"
    case .boolean: value.boolean == true ? "true" : "false"
    case .number: bytes(value.utf8)
    case .string: "'\(bytes(value.utf8))'"
    case .array:
      value.count == 0 ? "an empty array" : "an array of \(counted(value.count, "element"))"
    case .object:
      value.count == 0 ? "an empty object" : "an object of \(counted(value.count, "member"))"
    }
  }

  static func counted(_ count: Int, _ noun: String) -> String {
    count == 1 ? "1 \(noun)" : "\(count) \(noun)s"
  }

  /// "a", "a or b", "a, b or c"; at most so many as the limit says.
  ///
  /// - Parameter more: how many there are besides `items`.
  static func list(_ items: [String], _ conjunction: String, more: Int = 0) -> String {
    var items = items
    if items.count > SchemaLimits.listedMax {
      let left = items.count - SchemaLimits.listedMax + 1 + more
      items = Array(items.prefix(SchemaLimits.listedMax - 1)) + ["\(left) more"]
    }
    guard let last = items.popLast() else { return "" }
    return items.isEmpty ? last : items.joined(separator: ", ") + " \(conjunction) \(last)"
  }
}
