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

  /// The type of a payload that names none.
  package static let defaultDataType = "application/json"
}
