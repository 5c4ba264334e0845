import EventCore

/// Cuts a stream of bytes into lines of text, in bounded memory: of a line longer than
/// `Limits.logLineBytesMax` the rest is dropped.
struct LineSplitter {
  private var line: [UInt8] = []
  private var isOpen = false

  /// - Parameter emit: called with each complete line, repaired to valid UTF-8, without its end.
  mutating func add(_ bytes: [UInt8], emit: (String) -> Void) {
    var rest = bytes[...]
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      keep(rest[..<end])
      finish(emit: emit)
      rest = rest[(end + 1)...]
    }
    keep(rest)
  }

  /// Emits a last line that has no end.
  mutating func finish(emit: (String) -> Void) {
    defer {
      line.removeAll(keepingCapacity: true)
      isOpen = false
    }
    if line.last == UInt8(ascii: "\r") { line.removeLast() }
    emit(String(decoding: line, as: UTF8.self))
  }

  /// There are bytes of a line whose end has not come.
  var hasRest: Bool { isOpen }

  private mutating func keep(_ bytes: ArraySlice<UInt8>) {
    isOpen = isOpen || !bytes.isEmpty
    line += bytes.prefix(Limits.logLineBytesMax - line.count)
  }
}
