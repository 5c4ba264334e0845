import JSON

/// The resources that references may lead to: those of the schema itself, and of the documents that
/// are known by URI, which are read when a reference first asks for them.
struct SchemaRegistry {
  let options: SchemaOptions
  private(set) var documents: [JSONDocument] = []
  private(set) var resources: [SchemaResource] = []
  private var resourceByURI: [String: Int] = [:]
  /// Of each subschema that was come across.
  private var resourceByPlace: [SchemaPlace: Int] = [:]
  /// Meta-schemas whose vocabularies are being looked up: one may name itself.
  private var dialectsByURI: [String: Dialect] = [:]

  init(_ document: JSONDocument, options: SchemaOptions) throws(SchemaError) {
    self.options = options
    _ = try add(document, retrievedFrom: "")
  }

  /// Reads a document's resources.
  ///
  /// - Returns: the resource of its root.
  private mutating func add(
    _ document: JSONDocument, retrievedFrom uri: String
  ) throws(SchemaError) -> Int {
    documents.append(document)
    let root = LocatedValue(document: documents.count - 1, value: document.root)
    var dialect = Dialect.standard(options.defaultDraft)
    if let named = document.root["$schema"] {
      dialect = try self.dialect(named: named, at: root)
    }
    var base = URIReference(uri)
    base.fragment = nil
    resources.append(SchemaResource(base: base, root: root, dialect: dialect))
    let resource = resources.count - 1
    if resourceByURI[uri] == nil { resourceByURI[uri] = resource }
    try scan(root, in: resource)
    // What the root calls itself may have made another resource of it.
    return resourceByPlace[root.place] ?? resource
  }

  /// Finds the resources and anchors of a schema and all schemas within.
  ///
  /// - Parameter resource: that it belongs to.
  mutating func scan(_ schema: LocatedValue, in resource: Int) throws(SchemaError) {
    var pending = [(schema.value, resource)]
    while let (value, parent) = pending.popLast() {
      let located = LocatedValue(document: schema.document, value: value)
      guard value.kind == .object else {
        resourceByPlace[located.place] = parent
        continue
      }
      let resource = try identify(located, within: parent)
      resourceByPlace[located.place] = resource
      try Subschemas.forEach(
        of: value, draft: resources[resource].dialect.draft
      ) { (subschema) throws(SchemaError) in
        pending.append((subschema, resource))
      }
    }
  }

  /// Takes `$id` and the anchors of a schema.
  ///
  /// - Returns: the resource that the schema belongs to: a new one if it has an identifier.
  private mutating func identify(
    _ schema: LocatedValue, within parent: Int
  ) throws(SchemaError) -> Int {
    var dialect = resources[parent].dialect
    let identifier = schema.value["$id"]?.string
    let isRoot = resources[parent].root.place == schema.place
    if identifier != nil, !isRoot, let named = schema.value["$schema"] {
      dialect = try self.dialect(named: named, at: schema)
    }
    var resource = parent
    // In draft 7 whatever stands beside $ref is ignored.
    let isIgnored = dialect.draft == .draft7 && schema.value["$ref"] != nil
    if let identifier, !isIgnored {
      let uri = URIReference(identifier).resolved(against: resources[parent].base)
      let isAnchor = dialect.draft == .draft7 && identifier.utf8.first == UInt8(ascii: "#")
      if !isAnchor { resource = try open(uri, schema, dialect: dialect, within: parent) }
      if dialect.draft == .draft7, let fragment = uri.fragment, !fragment.isEmpty {
        resources[resource].anchors[fragment] = schema.value
      }
    }
    if dialect.draft != .draft7 { addAnchors(of: schema.value, to: resource) }
    return resource
  }

  private mutating func addAnchors(of schema: JSONValue, to resource: Int) {
    if let anchor = schema["$anchor"]?.string { resources[resource].anchors[anchor] = schema }
    if let anchor = schema["$dynamicAnchor"]?.string {
      resources[resource].anchors[anchor] = schema
      resources[resource].dynamicAnchors[anchor] = schema
    }
  }

  private mutating func open(
    _ uri: URIReference, _ schema: LocatedValue, dialect: Dialect, within parent: Int
  ) throws(SchemaError) -> Int {
    var base = uri
    base.fragment = nil
    let name = base.absolute
    if let known = resourceByURI[name] {
      if resources[known].root.place == schema.place { return known }
      // A document that was asked for by another URI may be known by its own already.
      guard resources[parent].root.place != schema.place else { return parent }
      throw SchemaError(
        "'$id' is the same as that of another schema in the document",
        at: pointer(to: schema))
    }
    if resources[parent].root.place == schema.place {
      resources[parent].base = base
      resourceByURI[name] = parent
      return parent
    }
    resources.append(SchemaResource(base: base, root: schema, dialect: dialect))
    resourceByURI[name] = resources.count - 1
    return resources.count - 1
  }

  /// The resource that a subschema belongs to; nil for a place that is not known as a schema.
  func resource(of schema: LocatedValue) -> Int? { resourceByPlace[schema.place] }

  /// - Parameter uri: without a fragment.
  mutating func resource(at uri: String) throws(SchemaError) -> Int? {
    if let known = resourceByURI[uri] { return known }
    let document =
      options.resources[uri] ?? options.resources[uri + "#"] ?? MetaSchemas.document(at: uri)
    guard let document else { return nil }
    return try add(document, retrievedFrom: uri)
  }
}

// MARK: Dialects

extension SchemaRegistry {
  private mutating func dialect(
    named value: JSONValue, at schema: LocatedValue
  ) throws(SchemaError) -> Dialect {
    guard let text = value.string else {
      throw SchemaError("'$schema' must be a string", at: pointer(to: schema))
    }
    let uri = URIReference(text).absolute
    if let draft = Draft.allCases.first(where: { $0.uri == uri }) { return .standard(draft) }
    if let known = dialectsByURI[uri] { return known }
    guard let document = options.resources[uri] ?? options.resources[uri + "#"] else {
      throw SchemaError(
        "'$schema' is '\(Cited.text(text))'; only draft 2020-12 "
          + "('\(Draft.draft202012.uri)') and draft 7 ('\(Draft.draft7.uri)#') are known",
        at: pointer(to: schema))
    }
    dialectsByURI[uri] = .standard(options.defaultDraft)
    let dialect = try custom(document.root, uri: uri, at: schema)
    dialectsByURI[uri] = dialect
    return dialect
  }

  private mutating func custom(
    _ metaSchema: JSONValue, uri: String, at schema: LocatedValue
  ) throws(SchemaError) -> Dialect {
    var dialect = Dialect.standard(options.defaultDraft)
    if let parent = metaSchema["$schema"] {
      dialect.draft = try self.dialect(named: parent, at: schema).draft
    }
    dialect.metaSchema = uri
    guard let listed = metaSchema["$vocabulary"], dialect.draft != .draft7 else { return dialect }
    dialect.vocabularies = .core
    for member in listed.members {
      if let vocabulary = Vocabularies.named(member.name.string) {
        dialect.vocabularies.insert(vocabulary)
      } else if member.value.boolean == true {
        throw SchemaError(
          "'$schema' requires the vocabulary '\(Cited.text(member.name.string))', which is unknown",
          at: pointer(to: schema))
      }
    }
    return dialect
  }
}
