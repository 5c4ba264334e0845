internal import EventCore
internal import Messages

/// One page of a list: what comes after which key, and how many.
///
/// Tokens are opaque: hexadecimal of the last key, then a checksum over the key and the rest of the
/// request, so that a garbled one, or one of another list, is refused.
struct PageCursor<Key: LosslessStringConvertible> {
  let after: Key?
  let limit: Int
  private let scope: String

  /// - Parameter scope: the method and everything of the request that must be the same on each page.
  init(_ page: PageRequest, scope: [String]) throws(GatewayError) {
    guard page.size >= 0 else {
      throw .invalid("page_size", "is \(page.size); it must be 0 (the default) or more")
    }
    let size = page.size == 0 ? Limits.pageSizeDefault : Int(page.size)
    limit = min(size, Limits.pageSizeMax)
    self.scope = scope.joined(separator: "\u{1F}")
    after = try Self.key(of: page.token, self.scope)
  }

  /// The token of the page after one that ended with `last`; empty if that was the last page.
  func token(after last: Key?, hasMore: Bool) -> String {
    guard let last, hasMore else { return "" }
    let key = last.description
    return Self.hex(Array(key.utf8)) + Self.checksum(key, scope)
  }

  private static func key(of token: String, _ scope: String) throws(GatewayError) -> Key? {
    guard !token.isEmpty else { return nil }
    guard let bytes = bytes(hex: token.utf8.dropLast(16)),
      let text = String(validating: bytes, as: UTF8.self), let key = Key(text),
      token.utf8.suffix(16).elementsEqual(checksum(text, scope).utf8)
    else {
      let violation = FieldViolation(
        field: "page_token", problem: "is not one that this list gave out")
      throw GatewayError(
        .pageTokenInvalid,
        "page_token is not one that this list gave out; the other fields must be the same on"
          + " every page", violations: [violation])
    }
    return key
  }

  private static func checksum(_ key: String, _ scope: String) -> String {
    let hash = StableHash.fnv1a("\(scope)\u{1E}\(key)".utf8)
    return hex(withUnsafeBytes(of: hash.bigEndian, Array.init))
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  private static func bytes(hex: Substring.UTF8View) -> [UInt8]? {
    guard hex.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    var rest = hex[...]
    while let high = rest.popFirst(), let low = rest.popFirst() {
      guard let high = Character(UnicodeScalar(high)).hexDigitValue,
        let low = Character(UnicodeScalar(low)).hexDigitValue
      else { return nil }
      bytes.append(UInt8(high << 4 | low))
    }
    return bytes
  }
}
