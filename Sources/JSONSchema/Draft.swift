/// A version of JSON Schema.
package enum Draft: Sendable, CaseIterable {
  case draft7
  case draft202012

  /// Of its meta-schema, without a fragment.
  var uri: String {
    switch self {
    case .draft7: "http://json-schema.org/draft-07/schema"
    case .draft202012: "https://json-schema.org/draft/2020-12/schema"
    }
  }
}

/// What the keywords of a schema resource mean: as its `$schema` says.
struct Dialect: Hashable {
  var draft: Draft
  var vocabularies: Vocabularies
  /// Of its meta-schema, without a fragment.
  var metaSchema: String

  static func standard(_ draft: Draft) -> Dialect {
    Dialect(draft: draft, vocabularies: .standard, metaSchema: draft.uri)
  }
}

/// Groups of keywords that a meta-schema takes or leaves: section 8.1.2 of the core specification.
struct Vocabularies: OptionSet, Hashable {
  let rawValue: UInt8

  static let core = Vocabularies(rawValue: 1)
  static let applicator = Vocabularies(rawValue: 2)
  static let unevaluated = Vocabularies(rawValue: 4)
  static let validation = Vocabularies(rawValue: 8)
  static let formatAssertion = Vocabularies(rawValue: 16)
  /// Those that only annotate.
  static let annotation = Vocabularies(rawValue: 32)

  static let standard: Vocabularies = [.core, .applicator, .unevaluated, .validation, .annotation]

  /// - Returns: nil for one that is not known.
  static func named(_ uri: String) -> Vocabularies? {
    let prefix = "https://json-schema.org/draft/2020-12/vocab/"
    guard uri.hasPrefix(prefix) else { return nil }
    switch uri.dropFirst(prefix.count) {
    case "core": return .core
    case "applicator": return .applicator
    case "unevaluated": return .unevaluated
    case "validation": return .validation
    case "format-assertion": return .formatAssertion
    case "format-annotation", "content", "meta-data": return .annotation
    default: return nil
    }
  }
}
