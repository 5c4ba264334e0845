package import EventCore
internal import JSON
internal import JSONSchema

extension PayloadSchema {
  /// The schema as it is written after another one: with its revision, and what it changes.
  ///
  /// - Parameter old: the event's newest one; nil if this is its first.
  /// - Precondition: both can be compiled.
  /// - Throws: SCHEMA_INCOMPATIBLE if it asks for compatibility and breaks the old one's readers.
  package func following(
    _ old: PayloadSchema?, of event: String
  ) throws(GatewayError) -> PayloadSchema {
    var new = self
    (new.revision, new.change, new.changeNotes) = (1, nil, [])
    guard let old else { return new }
    guard !means(theSameAs: old) else {
      (new.revision, new.change, new.changeNotes) = (old.revision, old.change, old.changeNotes)
      return new
    }
    let change = SchemaChange(from: old, to: self)
    if compatibility == .backward, change.verdict == .breaking {
      throw GatewayError(
        .schemaIncompatible,
        "the schema breaks what readers of revision \(old.revision) rely on: "
          + change.notes.joined(separator: "; "),
        resource: Definition.Key(.event, event).resource)
    }
    new.revision = old.revision + 1
    new.change = Change(rawValue: change.verdict.rawValue)
    new.changeNotes = change.notes
    return new
  }
}

extension SchemaChange {
  fileprivate init(from old: PayloadSchema, to new: PayloadSchema) {
    guard let before = try? JSONDocument(old.definition),
      let after = try? JSONDocument(new.definition)
    else {
      // A store may have the old one from another version of the program.
      self.init(.unknown)
      return
    }
    self.init(from: before, to: after)
    if verdict == .compatible, new.assertsFormat, !old.assertsFormat {
      verdict = .unknown
      notes.append("'format' is checked now; it was an annotation")
    }
  }
}
