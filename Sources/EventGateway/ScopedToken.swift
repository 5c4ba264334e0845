internal import Encodings
internal import EventCore

/// A place in a list or stream, as an opaque token: hexadecimal of the place's text, then a checksum
/// over it and the rest of the request, so that a garbled one, or one of another request, is refused.
struct ScopedToken<Place: LosslessStringConvertible> {
  private let scope: String

  /// - Parameter scope: the method and everything of the request that must be the same when the token
  ///   comes back.
  init(scope: [String]) {
    self.scope = scope.joined(separator: "\u{1F}")
  }

  func text(of place: Place) -> String {
    let text = place.description
    return Hexadecimal.text(text.utf8) + checksum(text)
  }

  /// Nil if it is none that `text` made for the same scope.
  func place(of token: String) -> Place? {
    guard let bytes = Hexadecimal.bytes(token.utf8.dropLast(16)),
      let text = String(validating: bytes, as: UTF8.self), let place = Place(text),
      token.utf8.suffix(16).elementsEqual(checksum(text).utf8)
    else { return nil }
    return place
  }

  private func checksum(_ text: String) -> String {
    let hash = StableHash.fnv1a("\(scope)\u{1E}\(text)".utf8)
    return Hexadecimal.text(withUnsafeBytes(of: hash.bigEndian, Array.init))
  }
}
