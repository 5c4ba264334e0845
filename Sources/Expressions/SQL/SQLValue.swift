/// A value of CloudEvents SQL: attributes have the same three types (section 3.1).
package typealias SQLValue = AttributeValue

package enum SQLType: Hashable, Sendable {
  case string, integer, boolean

  /// What an expression of the type is worth if it can't be evaluated.
  var zero: SQLValue {
    switch self {
    case .string: .string("")
    case .integer: .integer(0)
    case .boolean: .boolean(false)
    }
  }
}

extension SQLType: CustomStringConvertible {
  package var description: String {
    switch self {
    case .string: "String"
    case .integer: "Integer"
    case .boolean: "Boolean"
    }
  }
}

/// Casts, section 3.7.
extension AttributeValue {
  var type: SQLType {
    switch self {
    case .string: .string
    case .integer: .integer
    case .boolean: .boolean
    }
  }

  /// Its canonical text.
  package var text: String {
    switch self {
    case .string(let text): text
    case .integer(let number): String(number)
    case .boolean(let flag): flag ? "true" : "false"
    }
  }

  /// Nil if it is a string that is no integer of 32 bits with or without a sign.
  var asInteger: Int32? {
    switch self {
    case .string(let text): Int32(text)
    case .integer(let number): number
    case .boolean(let flag): flag ? 1 : 0
    }
  }

  /// Nil if it is a string but "true" and "false" in any case.
  var asBoolean: Bool? {
    switch self {
    case .string(let text):
      if text.utf8.count == 4, text.lowercased() == "true" {
        true
      } else if text.utf8.count == 5, text.lowercased() == "false" {
        false
      } else {
        nil
      }
    case .integer(let number): number != 0
    case .boolean(let flag): flag
    }
  }

  /// Nil if it can't be cast so.
  func cast(to type: SQLType) -> SQLValue? {
    switch type {
    case .string: .string(text)
    case .integer: asInteger.map { .integer($0) }
    case .boolean: asBoolean.map { .boolean($0) }
    }
  }

  /// Whether it has the same type and value. Strings are compared by Unicode scalars, not by
  /// canonical equivalence as `==` does.
  func isIdentical(to other: SQLValue) -> Bool {
    switch (self, other) {
    case (.string(let one), .string(let other)): one.isIdentical(to: other)
    case (.integer(let one), .integer(let other)): one == other
    case (.boolean(let one), .boolean(let other)): one == other
    default: false
    }
  }
}

extension String {
  /// By Unicode scalars; `==` goes by canonical equivalence.
  func isIdentical(to other: String) -> Bool {
    utf8.count == other.utf8.count && begins(with: other)
  }

  /// By Unicode scalars; `hasPrefix` goes by characters that a reader sees.
  func begins(with prefix: String) -> Bool {
    withBytes { bytes in
      prefix.withBytes { bytes.count >= $0.count && bytes.prefix($0.count).elementsEqual($0) }
    }
  }

  func ends(with suffix: String) -> Bool {
    withBytes { bytes in
      suffix.withBytes { bytes.count >= $0.count && bytes.suffix($0.count).elementsEqual($0) }
    }
  }

  /// Of its UTF-8: several times faster to go through than the string.
  func withBytes<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
    utf8.withContiguousStorageIfAvailable(body) ?? Array(utf8).withUnsafeBufferPointer(body)
  }

  /// For a person to read: cut off, with an ellipsis, if it is long.
  var shown: String {
    JSONWriter.shown { $0.write(json: utf8) }
  }
}
