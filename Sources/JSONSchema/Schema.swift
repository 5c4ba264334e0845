package import JSON

/// A JSON Schema, compiled: draft 2020-12, or draft 7 if its `$schema` says so.
///
/// Immutable, and safe to use from any thread. Nothing is fetched: what `$ref` leads to is in the
/// schema itself, in a standard meta-schema or in `SchemaOptions.resources`.
package final class Schema: Sendable {
  /// Holds what the tables refer to.
  nonisolated(unsafe) let program: Program
  nonisolated(unsafe) let tables: ProgramTables

  /// - Throws: what is wrong with the schema, as its meta-schema says, or that it can't be resolved.
  package convenience init(
    _ document: JSONDocument, options: SchemaOptions = SchemaOptions()
  ) throws(SchemaError) {
    guard document.textBytes <= SchemaLimits.textBytesMax else {
      throw SchemaError(
        "is \(document.textBytes) bytes; at most \(SchemaLimits.textBytesMax) are allowed", at: "")
    }
    var compiler = try Compiler(document, options: options)
    try compiler.checkAgainstMetaSchemas()
    self.init(try compiler.compile())
  }

  /// One that nobody checks: of a meta-schema.
  convenience init(
    metaSchema document: JSONDocument, options: SchemaOptions
  ) throws(SchemaError) {
    var compiler = try Compiler(document, options: options)
    self.init(try compiler.compile())
  }

  private init(_ program: Program) {
    self.program = program
    tables = ProgramTables(program)
  }

  deinit { tables.deallocate(program) }

  /// Whether a value satisfies it. Allocates nothing for each keyword.
  package func isSatisfied(by value: JSONValue) -> Bool {
    var checker = Checker(tables)
    return checker.check(tables.root, value)
  }

  /// - Returns: what is wrong with the value, at most so many; none if it satisfies the schema.
  package func violations(of value: JSONValue, atMost limit: Int) -> [SchemaViolation] {
    if isSatisfied(by: value) { return [] }
    var explainer = Explainer(self, limit: limit)
    return explainer.run(value)
  }
}
