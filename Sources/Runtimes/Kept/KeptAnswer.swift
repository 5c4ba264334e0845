import Encodings
import EventCore
import JSON

/// What a kept process says of an invocation, in one line of JSON:
///
/// ```
/// {"id": INVOCATION, "output": VALUE or "output_base64": BYTES, "data_type": TYPE}
/// {"id": INVOCATION, "error": {"code": CODE, "message": TEXT, "final": BOOL, "retry_after": SECONDS}}
/// ```
///
/// Strict: a name that is misspelt would lose what it holds.
struct KeptAnswer: Hashable {
  private(set) var output: [UInt8]?
  private(set) var dataType = ""
  private(set) var error: InvocationError?

  /// What is wrong with a line: a phrase that goes after "the process".
  struct Malformed: Error, Hashable {
    let problem: String

    init(_ problem: String) {
      self.problem = problem
    }
  }

  init(_ line: [UInt8], to id: InvocationID) throws(Malformed) {
    let document: JSONDocument
    do throws(JSONError) {
      document = try JSONDocument(line)
    } catch {
      throw Malformed(
        "answered with what is not JSON (\(error.problem)): \(Self.excerpt(of: line))")
    }
    try document.read { (root) throws(Malformed) in try take(root, id) }
  }

  /// A line's beginning, to recognize it by.
  static func excerpt(of line: some Sequence<UInt8>) -> String {
    let shown = line.prefix(excerptBytes + 1).map { $0 < 0x20 ? UInt8(ascii: " ") : $0 }
    let text = String(decoding: shown.prefix(excerptBytes), as: UTF8.self)
    return "'\(text)\(shown.count > excerptBytes ? "…" : "")'"
  }

  private static let excerptBytes = 64

  private mutating func take(_ root: JSONValue, _ id: InvocationID) throws(Malformed) {
    try Self.check(root, "answer", ["id", "output", "output_base64", "data_type", "error"])
    guard let named = root["id"]?.string else { throw Malformed("answered without an id") }
    guard named == id.description else {
      throw Malformed("answered for another invocation: \(Self.excerpt(of: named.utf8))")
    }
    if let type = root["data_type"] { dataType = try Self.dataType(type) }
    try takeOutput(root)
    guard let error = root["error"] else { return }
    guard output == nil else { throw Malformed("answered with both an output and an error") }
    self.error = try Self.error(error)
  }

  private mutating func takeOutput(_ root: JSONValue) throws(Malformed) {
    if let base64 = root["output_base64"] {
      guard root["output"] == nil else {
        throw Malformed("answered with both output and output_base64")
      }
      guard base64.kind == .string, let bytes = Base64.decode(base64.utf8) else {
        throw Malformed("answered with an output_base64 that is not base64")
      }
      output = bytes
    } else if let value = root["output"] {
      if dataType.isEmpty { dataType = Payload.defaultDataType }
      output = try Self.bytes(of: value, as: dataType)
    }
  }

  private static func bytes(
    of value: JSONValue, as dataType: String
  ) throws(Malformed) -> [UInt8] {
    guard !Payload(dataType: dataType).isJSON else {
      var json: [UInt8] = []
      value.append(to: &json)
      return json
    }
    guard value.kind == .string else {
      throw Malformed("answered with an output that is not text, of the data_type '\(dataType)'")
    }
    return Array(value.utf8)
  }

  private static func dataType(_ value: JSONValue) throws(Malformed) -> String {
    var check = FieldCheck()
    let type = value.string ?? ""
    check.dataType(type, "data_type")
    guard value.kind == .string, check.violations.isEmpty else {
      throw Malformed("answered with a data_type that is not a MIME type")
    }
    return type
  }

  // MARK: Errors

  private static func error(_ value: JSONValue) throws(Malformed) -> InvocationError {
    try check(value, "error", ["code", "message", "final", "retry_after"])
    var error = InvocationError(
      .function, code: defaultCode, message: "the function failed and said no more")
    if let code = value["code"] { error.code = try self.code(code) }
    if let message = value["message"] {
      guard let text = message.string else {
        throw Malformed("answered with an error.message that is not text")
      }
      // A text of the contract ends at a NUL.
      error.message = text.replacing("\0", with: "\u{FFFD}")
    }
    if let final = value["final"] {
      guard let flag = final.boolean else {
        throw Malformed("answered with an error.final that is not true or false")
      }
      error.isFinal = flag
    }
    if let wait = value["retry_after"] { error.retryAfter = try retryAfter(wait) }
    return error
  }

  private static let defaultCode = "FUNCTION_FAILED"

  private static func code(_ value: JSONValue) throws(Malformed) -> String {
    let text = value.string ?? ""
    guard (1...Limits.finalCodeBytesMax).contains(text.utf8.count),
      text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else {
      throw Malformed(
        "answered with an error.code that is not 1 to \(Limits.finalCodeBytesMax) printable bytes")
    }
    return text
  }

  private static func retryAfter(_ value: JSONValue) throws(Malformed) -> Duration {
    guard value.kind == .number, let seconds = Double(String(decoding: value.utf8, as: UTF8.self)),
      seconds >= 0
    else { throw Malformed("answered with an error.retry_after that is not a number of seconds") }
    let max = RuntimeLimits.retryAfterMax
    return seconds < Double(max.components.seconds) ? .seconds(seconds) : max
  }

  private static func check(
    _ value: JSONValue, _ name: String, _ known: Set<String>
  ) throws(Malformed) {
    guard value.kind == .object else {
      throw Malformed("answered with an \(name) that is not an object")
    }
    for member in value.members where !known.contains(member.name.string) {
      throw Malformed("answered with an unknown member: \(excerpt(of: member.name.utf8))")
    }
  }
}
