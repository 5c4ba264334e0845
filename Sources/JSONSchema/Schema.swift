package import JSON

/// A JSON Schema, compiled: draft 2020-12, or draft 7 if its `$schema` says so.
///
/// Immutable, and safe to use from any thread. Nothing is fetched: what `$ref` leads to is in the
/// schema itself, in a standard meta-schema or in `SchemaOptions.resources`.
package final class Schema: Sendable {
  /// - Throws: what is wrong with the schema, as its meta-schema says, or that it can't be resolved.
  package init(_ document: JSONDocument, options: SchemaOptions = SchemaOptions()) throws(SchemaError) {
    throw SchemaError("is not there yet", at: "")
  }

  /// Whether a value satisfies it. Allocates nothing for each keyword.
  package func isSatisfied(by value: JSONValue) -> Bool { false }

  /// - Returns: what is wrong with the value, at most so many; none if it satisfies the schema.
  package func violations(of value: JSONValue, atMost limit: Int) -> [SchemaViolation] { [] }
}

package struct SchemaOptions: Sendable {
  /// Whether `format` is checked; otherwise it is an annotation.
  package var assertsFormat = false
  /// Documents that `$ref` and `$schema` may lead to, by their absolute URIs.
  package var resources: [String: JSONDocument] = [:]

  package init() {}
}

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

/// Why a document is no schema that can be used.
package struct SchemaError: Error, Hashable, Sendable {
  /// A phrase such as "'minimum' must be a number".
  package var problem: String
  /// A JSON pointer into the schema.
  package var location: String

  package init(_ problem: String, at location: String) {
    self.problem = problem
    self.location = location
  }
}
