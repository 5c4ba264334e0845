package import JSON

/// What a new version of a schema means for those who read what the old one allowed.
package struct SchemaChange: Hashable, Sendable {
  package enum Verdict: Int32, Sendable {
    /// Whatever satisfied the old one satisfies the new one, and has what it promised.
    case compatible = 1
    /// Fields became required or vanished, types or enumerations became narrower.
    case breaking
    /// It can't be told.
    case unknown
  }

  package var verdict: Verdict
  /// A sentence for each difference that led to the verdict, at most 20.
  package var notes: [String]

  package init(_ verdict: Verdict, notes: [String] = []) {
    self.verdict = verdict
    self.notes = notes
  }

  package init(from old: JSONDocument, to new: JSONDocument) {
    self.init(.unknown)
  }
}
