/// A text in which `*` stands for any characters or none; `\*` is an asterisk, `\\` a backslash.
///
/// What is between asterisks is found from left to right, each time the first occurrence, by the
/// method of Knuth, Morris and Pratt: time follows the text's length, whatever the wildcard.
struct Wildcard: Sendable {
  /// What the text begins with; all of it if there is no asterisk.
  let prefix: [UInt8]
  private let inner: [Piece]
  private let suffix: [UInt8]
  let hasAsterisk: Bool

  struct Failure: Error {
    let problem: String
    /// In bytes of the wildcard.
    let index: Int
  }

  init(_ text: UnsafeBufferPointer<UInt8>) throws(Failure) {
    var pieces: [[UInt8]] = [[]]
    var index = 0
    while index < text.count {
      switch text[index] {
      case UInt8(ascii: "*"):
        guard index == 0 || text[index - 1] != UInt8(ascii: "*") || pieces.last?.isEmpty != true
        else { throw Failure(problem: "has two '*' in a row; one is enough", index: index) }
        pieces.append([])
      case UInt8(ascii: "\\"):
        guard index + 1 < text.count,
          text[index + 1] == UInt8(ascii: "*") || text[index + 1] == UInt8(ascii: "\\")
        else {
          throw Failure(
            problem: "has a '\\' that is followed by neither '*' nor '\\'", index: index)
        }
        index += 1
        pieces[pieces.count - 1].append(text[index])
      case let byte: pieces[pieces.count - 1].append(byte)
      }
      index += 1
    }
    prefix = pieces[0]
    hasAsterisk = pieces.count > 1
    suffix = pieces.count > 1 ? pieces[pieces.count - 1] : []
    inner = pieces.count > 2 ? pieces[1..<pieces.count - 1].map(Piece.init) : []
  }

  func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard hasAsterisk else { return text.count == prefix.count && text.starts(with: prefix) }
    guard text.count >= prefix.count + suffix.count, text.starts(with: prefix),
      text.ends(with: suffix)
    else { return false }
    var place = prefix.count
    let end = text.count - suffix.count
    for piece in inner {
      guard let next = piece.find(in: text, from: place, to: end) else { return false }
      place = next
    }
    return true
  }

  /// What is between two asterisks.
  private struct Piece: Sendable {
    let bytes: [UInt8]
    /// For each byte, how long the longest beginning is that also ends there, short of all.
    let borders: [UInt16]

    /// - Precondition: it is neither empty nor longer than 16 bits say.
    init(_ bytes: [UInt8]) {
      self.bytes = bytes
      var borders = [UInt16](repeating: 0, count: bytes.count)
      var length = 0
      for index in bytes.indices.dropFirst() {
        while length > 0, bytes[index] != bytes[length] { length = Int(borders[length - 1]) }
        if bytes[index] == bytes[length] { length += 1 }
        borders[index] = UInt16(length)
      }
      self.borders = borders
    }

    /// - Returns: where its first occurrence ends.
    func find(in text: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int) -> Int? {
      var length = 0
      var place = start
      while place < end {
        while length > 0, text[place] != bytes[length] { length = Int(borders[length - 1]) }
        if text[place] == bytes[length] { length += 1 }
        place += 1
        if length == bytes.count { return place }
      }
      return nil
    }
  }
}
