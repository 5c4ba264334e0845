/// Why a document is no schema that can be used.
package struct SchemaError: Error, Hashable, Sendable {
  /// A phrase such as "'minimum' is a string; it must be a number".
  package var problem: String
  /// A JSON pointer into the schema.
  package var location: String

  package init(_ problem: String, at location: String) {
    self.problem = problem
    self.location = location
  }
}
