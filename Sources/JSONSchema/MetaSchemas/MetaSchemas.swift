import JSON

/// The standard meta-schemas, which are part of the program: nothing is fetched.
enum MetaSchemas {
  /// Their texts by URI, without a fragment.
  private static let texts: [String: String] = [
    "http://json-schema.org/draft-07/schema": draft7,
    "https://json-schema.org/draft/2020-12/schema": draft202012,
    "https://json-schema.org/draft/2020-12/meta/core": core,
    "https://json-schema.org/draft/2020-12/meta/applicator": applicator,
    "https://json-schema.org/draft/2020-12/meta/unevaluated": unevaluated,
    "https://json-schema.org/draft/2020-12/meta/validation": validation,
    "https://json-schema.org/draft/2020-12/meta/meta-data": metaData,
    "https://json-schema.org/draft/2020-12/meta/format-annotation": formatAnnotation,
    "https://json-schema.org/draft/2020-12/meta/format-assertion": formatAssertion,
    "https://json-schema.org/draft/2020-12/meta/content": content,
  ]

  private static let documents: [String: JSONDocument] = texts.mapValues { text in
    guard let document = try? JSONDocument(text) else {
      preconditionFailure("a standard meta-schema is not JSON")
    }
    return document
  }

  static func document(at uri: String) -> JSONDocument? { documents[uri] }

  /// Compiled once, without being checked against themselves.
  private static let schemas: [Draft: Schema] = Dictionary(
    uniqueKeysWithValues: Draft.allCases.map { draft in
      guard let schema = try? Schema(metaSchema: documents[draft.uri]!, options: SchemaOptions())
      else { preconditionFailure("the meta-schema \(draft.uri) does not compile") }
      return (draft, schema)
    })

  static func schema(of draft: Draft) -> Schema { schemas[draft]! }
}
