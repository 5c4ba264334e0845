import ArgumentParser
import EventCore

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// The lines of stdin, without their ends; none may be longer than a payload.
struct InputLines {
  private var buffer: [UInt8] = []
  /// Where the next line starts in `buffer`.
  private var start = 0
  private var isAtEnd = false

  private static let lineEnd = UInt8(ascii: "\n")

  /// Waits for input. Nil after the last line.
  mutating func next() throws -> [UInt8]? {
    var searched = start
    while true {
      if let end = buffer[searched...].firstIndex(of: Self.lineEnd) {
        defer { start = end + 1 }
        return Array(buffer[start..<end])
      }
      guard !isAtEnd else { return takeRest() }
      buffer.removeFirst(start)
      start = 0
      searched = buffer.count
      try fill()
    }
  }

  private mutating func takeRest() -> [UInt8]? {
    guard start < buffer.count else { return nil }
    defer { start = buffer.count }
    return Array(buffer[start...])
  }

  private mutating func fill() throws {
    guard buffer.count <= Limits.payloadBytesMax else {
      throw ValidationError("a line of stdin is longer than \(Limits.payloadBytesMax) bytes")
    }
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    let count = read(STDIN_FILENO, &chunk, chunk.count)
    guard count >= 0 else {
      throw ValidationError("can't read stdin: \(String(cString: strerror(errno)))")
    }
    isAtEnd = count == 0
    buffer += chunk[..<count]
  }
}
