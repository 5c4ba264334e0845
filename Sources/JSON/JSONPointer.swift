/// The way to a value within a document: RFC 6901.
package struct JSONPointer: Hashable, Sendable {
  /// Unescaped.
  package var tokens: [String]

  package init(tokens: [String] = []) {
    self.tokens = tokens
  }

  /// - Returns: nil if it is neither empty nor begins with '/', or has a '~' that is no escape.
  package init?(_ text: some StringProtocol) {
    guard !text.isEmpty else {
      tokens = []
      return
    }
    guard text.utf8.first == UInt8(ascii: "/") else { return nil }
    tokens = []
    for part in text.utf8.dropFirst().split(
      separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    {
      guard let token = Self.unescaped(part) else { return nil }
      tokens.append(token)
    }
  }

  private static func unescaped(_ part: some Collection<UInt8>) -> String? {
    var bytes: [UInt8] = []
    var iterator = part.makeIterator()
    while let byte = iterator.next() {
      guard byte == UInt8(ascii: "~") else {
        bytes.append(byte)
        continue
      }
      switch iterator.next() {
      case UInt8(ascii: "0"): bytes.append(UInt8(ascii: "~"))
      case UInt8(ascii: "1"): bytes.append(UInt8(ascii: "/"))
      default: return nil
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension JSONPointer: CustomStringConvertible {
  package var description: String {
    tokens.map { token in
      var text = "/"
      for scalar in token.unicodeScalars {
        switch scalar {
        case "~": text += "~0"
        case "/": text += "~1"
        default: text.unicodeScalars.append(scalar)
        }
      }
      return text
    }.joined()
  }
}

extension JSONValue {
  /// Nil if there is none at that place. An array's index is written without leading zeros.
  package func value(at pointer: JSONPointer) -> JSONValue? {
    var value = self
    for token in pointer.tokens {
      let next: JSONValue?
      switch value.kind {
      case .object: next = value[token]
      case .array:
        guard let index = Int(token), String(index) == token else { return nil }
        next = value[index]
      default: return nil
      }
      guard let next else { return nil }
      value = next
    }
    return value
  }
}
