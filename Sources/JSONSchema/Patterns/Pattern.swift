import CRE2

/// A regular expression, compiled by RE2: searching takes time in proportion to the text.
final class Pattern: Sendable {
  /// As it stands in the schema.
  let source: String
  nonisolated(unsafe) private let raw: OpaquePointer

  /// - Parameter expression: in RE2's syntax.
  /// - Parameter bytesMax: for the automaton and what it caches.
  init(source: String, expression: String, bytesMax: Int) throws(PatternError) {
    var error = [CChar](repeating: 0, count: 200)
    var expression = expression
    let raw = expression.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { characters in
        cre2_compile(characters.baseAddress, characters.count, bytesMax, &error, error.count)
      }
    }
    guard let raw else {
      let end = error.firstIndex(of: 0) ?? error.endIndex
      throw PatternError(
        .refused(String(decoding: error[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self)))
    }
    self.source = source
    self.raw = raw
  }

  /// What the automaton takes, without what it caches.
  var programBytes: Int { cre2_program_bytes(raw) }

  /// Whether it is found anywhere in the text.
  func isFound(in text: UnsafeBufferPointer<UInt8>) -> Bool {
    cre2_search(
      raw, UnsafeRawPointer(text.baseAddress)?.assumingMemoryBound(to: CChar.self), text.count) != 0
  }

  deinit { cre2_free(raw) }
}

/// Why a pattern can't be used.
struct PatternError: Error, Equatable {
  enum Reason: Equatable {
    /// It is no regular expression of ECMA-262.
    case malformed(String)
    /// RE2 can't express it.
    case unsupported(String)
    /// RE2 says so.
    case refused(String)
  }

  var reason: Reason

  init(_ reason: Reason) {
    self.reason = reason
  }

  /// A phrase that goes after the keyword's name.
  var problem: String {
    switch reason {
    case .malformed(let what): "is not a regular expression: \(what)"
    case .unsupported(let what): "uses \(what), which can't be checked in linear time"
    case .refused(let what): "can't be compiled: \(what)"
    }
  }
}
