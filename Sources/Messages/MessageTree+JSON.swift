internal import FoundationEssentials

extension MessageTree {
  /// proto3 JSON on one line: bytes in base64, 64-bit integers as strings.
  package var json: String {
    switch self {
    case .text(let text): Self.quoted(text)
    case .literal(let text): text
    case .bytes(let bytes): Self.quoted(Data(bytes).base64EncodedString())
    case .list(let values): "[" + values.map(\.json).joined(separator: ",") + "]"
    case .object(let parts):
      "{" + parts.map { Self.quoted($0.name) + ":" + $0.value.json }.joined(separator: ",") + "}"
    }
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\r": quoted += "\\r"
      case "\t": quoted += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
