/// A word of CloudEvents SQL and where it stands.
struct SQLToken {
  enum Kind: Equatable {
    case keyword(Keyword)
    case symbol(SQLOperator)
    case open, close, comma
    /// Digits only.
    case integer
    /// With quotes and escapes.
    case string
    /// Letters, digits and `_`; what it means depends on its place.
    case word
    case end
  }

  /// Written in any case.
  enum Keyword: String {
    case and = "AND"
    case or = "OR"
    case xor = "XOR"
    case not = "NOT"
    case like = "LIKE"
    case isIn = "IN"
    case exists = "EXISTS"
    case isTrue = "TRUE"
    case isFalse = "FALSE"
  }

  var kind: Kind
  /// In bytes of the text.
  var range: Range<Int>

  /// Nil if it is none between two operands.
  var binaryOperator: SQLOperator? {
    switch kind {
    case .symbol(let symbol): symbol
    case .keyword(.and): .and
    case .keyword(.or): .or
    case .keyword(.xor): .xor
    default: nil
    }
  }
}
