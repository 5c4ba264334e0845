import JSON

/// A value in one of a registry's documents.
struct SchemaPlace: Hashable {
  var document: Int
  /// In the document's text.
  var offset: Int
}

/// A value, and the document it is in.
struct LocatedValue {
  var document: Int
  var value: JSONValue

  var place: SchemaPlace { SchemaPlace(document: document, offset: value.offset) }
}

/// A schema with a URI of its own, to which references within it are relative: section 4.3.5 of the
/// core specification.
struct SchemaResource {
  var base: URIReference
  var root: LocatedValue
  var dialect: Dialect
  /// By name; dynamic anchors are here too.
  var anchors: [String: JSONValue] = [:]
  var dynamicAnchors: [String: JSONValue] = [:]
}

/// What a reference led to.
struct ReferenceTarget {
  var schema: LocatedValue
  /// Of `SchemaRegistry.resources`.
  var resource: Int
  /// If it was named by one.
  var dynamicAnchor: String?
}
