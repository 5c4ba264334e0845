/// A keyword that a value does not satisfy.
package struct SchemaViolation: Hashable, Sendable {
  /// A JSON pointer into the value; empty for the whole.
  package var instanceLocation: String
  /// A JSON pointer into the schema, through the references that were followed:
  /// `/properties/total/minimum`.
  package var keywordLocation: String
  /// A phrase that goes after the place: "is 3; it must be at least 5".
  package var problem: String

  package init(instanceLocation: String, keywordLocation: String, problem: String) {
    self.instanceLocation = instanceLocation
    self.keywordLocation = keywordLocation
    self.problem = problem
  }
}
