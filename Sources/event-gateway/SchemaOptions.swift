import ArgumentParser
import EventCore

/// A schema on the command line.
struct SchemaFileOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("A file with the payloads' JSON Schema; - is stdin.", valueName: "file"))
  var schema: String?

  @Flag(inversion: .prefixedNo, help: "Whether the schema's 'format' is checked; by default not.")
  var formatAssertion: Bool?

  /// Reads the file or stdin to its end, so call it once.
  func apply(to other: inout PayloadSchema) throws {
    if let schema {
      guard let text = String(validating: try readFile(schema), as: UTF8.self) else {
        throw ValidationError("\(schema) is not UTF-8")
      }
      other.definition = text
    }
    if let formatAssertion { other.assertsFormat = formatAssertion }
  }
}

/// An event's schema on the command line, and what it is for.
struct SchemaOptions: ParsableArguments {
  @OptionGroup var file: SchemaFileOptions

  @Option(
    help: ArgumentHelp(
      "What a payload that violates the schema comes to: off (not checked), audit (taken and"
        + " counted) or enforce (refused).", valueName: "how"))
  var enforcement: PayloadSchema.Enforcement?

  @Option(
    help: ArgumentHelp(
      "Which changes of the schema are taken: none (no rule) or backward (no breaking ones).",
      valueName: "rule"))
  var compatibility: PayloadSchema.Compatibility?

  var isGiven: Bool {
    file.schema != nil || file.formatAssertion != nil || enforcement != nil || compatibility != nil
  }

  /// Nil for none.
  func created() throws -> PayloadSchema? {
    guard isGiven else { return nil }
    var schema = PayloadSchema()
    try apply(to: &schema)
    return schema
  }

  /// - Parameter old: what the event has; what no option is given for stays as it is.
  func updated(_ old: PayloadSchema?) throws -> PayloadSchema {
    guard old != nil || file.schema != nil else {
      throw ValidationError("the event has no schema; --schema gives it one")
    }
    var schema = old ?? PayloadSchema()
    try apply(to: &schema)
    return schema
  }

  private func apply(to schema: inout PayloadSchema) throws {
    try file.apply(to: &schema)
    if let enforcement { schema.enforcement = enforcement }
    if let compatibility { schema.compatibility = compatibility }
  }
}
