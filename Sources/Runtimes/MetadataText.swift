/// A trigger's metadata as the text of one CloudEvents extension attribute, `metadata`: a JSON
/// object of strings, sorted by key.
///
/// One attribute for all: the keys are the user's own words, which neither header names nor names of
/// environment variables could keep apart. Those that can be attributes are attributes besides.
struct MetadataText {
  let json: String

  init(_ metadata: [String: String]) {
    let members = metadata.sorted { $0.key < $1.key }
      .map { Self.quoted($0.key) + ":" + Self.quoted($0.value) }
    json = "{" + members.joined(separator: ",") + "}"
  }

  /// RFC 8259, section 7.
  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\":
        quoted += "\\"
        quoted.unicodeScalars.append(scalar)
      case "\u{0}"..<" ":
        let hex = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default:
        quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
