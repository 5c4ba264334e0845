package import JSON

/// What a new version of a schema means for those who read what the old one allowed.
package struct SchemaChange: Hashable, Sendable {
  package enum Verdict: Int32, Sendable {
    /// Whatever satisfied the old one satisfies the new one, as far as their known members go; no
    /// member that was described is gone.
    case compatible = 1
    /// Members became required or vanished, types, enumerations or bounds became narrower.
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

  /// - Precondition: both are schemas: `Schema.init` takes them.
  package init(from old: JSONDocument, to new: JSONDocument) {
    defer { withExtendedLifetime((old, new)) {} }
    var comparison = SchemaComparison(from: old.root, to: new.root)
    self = comparison.run()
  }
}
