/// The formats that are checked: section 7.3 of the validation specification. Whatever else `format`
/// says is an annotation.
enum Format: String {
  case dateTime = "date-time"
  case date
  case time
  case duration
  case email
  case idnEmail = "idn-email"
  case hostname
  case idnHostname = "idn-hostname"
  case ipv4
  case ipv6
  case uri
  case uriReference = "uri-reference"
  case iri
  case iriReference = "iri-reference"
  case uriTemplate = "uri-template"
  case uuid
  case jsonPointer = "json-pointer"
  case relativeJSONPointer = "relative-json-pointer"
  case regex

  func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    var scan = FormatScan(text)
    switch self {
    case .dateTime: return scan.dateTime() && scan.isAtEnd
    case .date: return scan.date() && scan.isAtEnd
    case .time: return scan.time() && scan.isAtEnd
    case .duration: return scan.duration() && scan.isAtEnd
    case .email: return scan.mailbox(isInternational: false)
    case .idnEmail: return scan.mailbox(isInternational: true)
    case .hostname: return Hostname.isValid(text[...])
    case .idnHostname: return Hostname.isValidInternational(text[...])
    case .ipv4: return scan.ipv4() && scan.isAtEnd
    case .ipv6: return IPv6.isValid(text[...])
    case .uri: return URISyntax(isInternational: false).isURI(text)
    case .uriReference: return URISyntax(isInternational: false).isReference(text)
    case .iri: return URISyntax(isInternational: true).isURI(text)
    case .iriReference: return URISyntax(isInternational: true).isReference(text)
    case .uriTemplate: return scan.uriTemplate()
    case .uuid: return scan.uuid() && scan.isAtEnd
    case .jsonPointer: return scan.jsonPointer()
    case .relativeJSONPointer: return scan.relativeJSONPointer()
    case .regex: return isRegularExpression(text)
    }
  }

  private func isRegularExpression(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    do throws(PatternError) {
      _ = try ECMAPattern.translated(String(decoding: text, as: UTF8.self))
      return true
    } catch {
      if case .malformed = error.reason { return false }
      return true
    }
  }

  /// "a date and time of RFC 3339".
  var phrase: String {
    switch self {
    case .dateTime: "a date and time of RFC 3339, such as '2026-01-31T12:00:00Z'"
    case .date: "a date, such as '2026-01-31'"
    case .time: "a time with its zone, such as '12:00:00Z'"
    case .duration: "a duration of ISO 8601, such as 'PT90M'"
    case .email: "an e-mail address"
    case .idnEmail: "an internationalized e-mail address"
    case .hostname: "a host name"
    case .idnHostname: "an internationalized host name"
    case .ipv4: "an IPv4 address"
    case .ipv6: "an IPv6 address"
    case .uri: "a URI"
    case .uriReference: "a URI reference"
    case .iri: "an IRI"
    case .iriReference: "an IRI reference"
    case .uriTemplate: "a URI template of RFC 6570"
    case .uuid: "a UUID"
    case .jsonPointer: "a JSON pointer"
    case .relativeJSONPointer: "a relative JSON pointer"
    case .regex: "a regular expression of ECMA-262"
    }
  }
}

/// Goes through a text byte by byte. What a method does not find it may have taken in part: the text
/// is of another format then, and nobody reads on.
struct FormatScan {
  private let bytes: UnsafeBufferPointer<UInt8>
  private(set) var position = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
  }

  var isAtEnd: Bool { position == bytes.count }

  var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  var rest: Slice<UnsafeBufferPointer<UInt8>> { bytes[position...] }

  mutating func advance() { position += 1 }

  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  /// A letter of either case.
  mutating func takeLetter(_ lowercase: Unicode.Scalar) -> Bool {
    guard let next, next | 0x20 == UInt8(ascii: lowercase) else { return false }
    position += 1
    return true
  }

  mutating func digit() -> Int? {
    guard let next, (0x30...0x39).contains(next) else { return nil }
    position += 1
    return Int(next - 0x30)
  }

  mutating func twoDigits(upTo most: Int) -> Int? {
    guard let tens = digit(), let ones = digit(), tens * 10 + ones <= most else { return nil }
    return tens * 10 + ones
  }

  /// One or more.
  mutating func digits() -> Bool {
    guard digit() != nil else { return false }
    while digit() != nil {}
    return true
  }
}
