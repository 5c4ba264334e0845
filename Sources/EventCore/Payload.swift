/// Bytes and their MIME type. The bytes are stored and delivered unchanged.
package struct Payload: Hashable, Sendable {
  package var data: [UInt8]
  package var dataType: String

  package init(data: [UInt8] = [], dataType: String = "") {
    self.data = data
    self.dataType = dataType
  }

  /// Whether its type is JSON's, or one that builds on it: RFC 6839, section 3.1.
  package var isJSON: Bool {
    let type = mediaType
    return type.isEmpty || type == "application/json" || type == "text/json"
      || type.hasSuffix("+json")
  }

  package var isText: Bool { mediaType.hasPrefix("text/") }

  /// Without parameters, in lower case.
  private var mediaType: String {
    let type = dataType.utf8.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: " ") }
    return String(Substring(type)).lowercased()
  }

  /// Whether it is a MIME type: printable ASCII with one slash, before any parameters.
  package static func isDataType(_ text: String) -> Bool {
    let type = text.utf8.prefix { $0 != UInt8(ascii: ";") }
    let slashes = type.count { $0 == UInt8(ascii: "/") }
    return text.utf8.allSatisfy { (0x20...0x7E).contains($0) } && slashes == 1
      && type.first != UInt8(ascii: "/") && type.last != UInt8(ascii: "/")
      && !type.contains(UInt8(ascii: " "))
  }

  /// The type of a payload that names none.
  package static let defaultDataType = "application/json"
}
