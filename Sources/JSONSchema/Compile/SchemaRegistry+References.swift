import JSON

extension SchemaRegistry {
  /// Where a reference leads.
  ///
  /// - Parameter origin: the schema that has the reference.
  mutating func resolve(
    _ reference: String, keyword: StaticString, in resource: Int, at origin: LocatedValue
  ) throws(SchemaError) -> ReferenceTarget {
    let uri = URIReference(reference).resolved(against: resources[resource].base)
    guard let found = try self.resource(at: uri.absolute) else {
      throw SchemaError(
        "'\(keyword)' leads to '\(Cited.text(uri.absolute))', which is not part of the schema; "
          + "nothing is fetched",
        at: pointer(to: origin))
    }
    guard let fragment = uri.decodedFragment else {
      throw SchemaError(
        "'\(keyword)' has an ill-formed fragment: '\(Cited.text(reference))'",
        at: pointer(to: origin))
    }
    let unresolved = SchemaError(
      "'\(keyword)' leads to '\(Cited.text(reference))', which is not there",
      at: pointer(to: origin))
    if fragment.isEmpty {
      return ReferenceTarget(schema: resources[found].root, resource: found)
    }
    if fragment.utf8.first == UInt8(ascii: "/") {
      guard let target = try follow(fragment, in: found) else { throw unresolved }
      return target
    }
    guard let anchored = resources[found].anchors[fragment] else { throw unresolved }
    let isDynamic = resources[found].dynamicAnchors[fragment]?.isSamePlace(as: anchored) == true
    return ReferenceTarget(
      schema: LocatedValue(document: resources[found].root.document, value: anchored),
      resource: found, dynamicAnchor: isDynamic ? fragment : nil)
  }

  /// Follows a JSON pointer, which may lead through schemas with identifiers of their own, and to
  /// places that are schemas only because of it.
  private mutating func follow(
    _ text: String, in start: Int
  ) throws(SchemaError) -> ReferenceTarget? {
    guard let pointer = JSONPointer(text) else { return nil }
    var resource = start
    var place = resources[start].root
    for token in pointer.tokens {
      guard let next = place.value.value(at: JSONPointer(tokens: [token])) else { return nil }
      place.value = next
      resource = self.resource(of: place) ?? resource
    }
    guard place.value.kind == .object || place.value.kind == .boolean else { return nil }
    if self.resource(of: place) == nil { try scan(place, in: resource) }
    return ReferenceTarget(schema: place, resource: self.resource(of: place) ?? resource)
  }

  /// The way to a value from its document's root, for messages: found by search.
  func pointer(to target: LocatedValue) -> String {
    var place = documents[target.document].root
    var tokens: [String] = []
    while place.offset != target.value.offset {
      guard let (token, next) = Self.child(of: place, holding: target.value.offset) else { break }
      tokens.append(token)
      place = next
    }
    return JSONPointer(tokens: tokens).description
  }

  /// The last child that begins at or before an offset.
  private static func child(
    of value: JSONValue, holding offset: Int
  ) -> (token: String, value: JSONValue)? {
    var found: (String, JSONValue)?
    for (index, element) in value.elements.enumerated() where element.offset <= offset {
      found = (String(index), element)
    }
    for member in value.members where member.value.offset <= offset {
      found = (member.name.string, member.value)
    }
    return found
  }
}
