extension JSONValue {
  /// Of an array; none for others.
  @inlinable package var elements: Elements {
    Elements(place: JSONValue(node: node + 1, text: text), left: kind == .array ? count : 0)
  }

  /// Of an object, in the order of the text; none for others.
  @inlinable package var members: Members {
    Members(place: JSONValue(node: node + 1, text: text), left: kind == .object ? count : 0)
  }

  /// Nil unless it is an object that has such a member. It looks at each member: many look-ups in
  /// large objects are for a table of the caller's.
  package subscript(_ name: String) -> JSONValue? { self[JSONName(name)] }

  /// The same with a name that was prepared.
  @inlinable package subscript(_ name: JSONName) -> JSONValue? {
    var members = members
    while let member = members.next() {
      if member.name.matches(name) { return member.value }
    }
    return nil
  }

  /// Nil unless it is an array that is long enough. It passes the elements before it.
  @inlinable package subscript(_ index: Int) -> JSONValue? {
    guard kind == .array, index >= 0, index < count else { return nil }
    var elements = elements
    for _ in 0..<index { _ = elements.next() }
    return elements.next()
  }

  /// The value after it.
  @inlinable var following: JSONValue {
    JSONValue(node: node + Int(node.pointee.span), text: text)
  }

  @usableFromInline
  package struct Elements: Sequence, IteratorProtocol {
    @usableFromInline var place: JSONValue
    @usableFromInline var left: Int

    @inlinable
    init(place: JSONValue, left: Int) {
      self.place = place
      self.left = left
    }

    @inlinable
    package mutating func next() -> JSONValue? {
      guard left > 0 else { return nil }
      left &-= 1
      defer { place = place.following }
      return place
    }

    @inlinable package var underestimatedCount: Int { left }
  }

  @usableFromInline
  package struct Members: Sequence, IteratorProtocol {
    @usableFromInline var place: JSONValue
    @usableFromInline var left: Int

    @inlinable
    init(place: JSONValue, left: Int) {
      self.place = place
      self.left = left
    }

    @inlinable
    package mutating func next() -> Member? {
      guard left > 0 else { return nil }
      left &-= 1
      let name = Name(node: place.node, text: place.text)
      let value = JSONValue(node: place.node + 1, text: place.text)
      place = value.following
      return Member(name: name, value: value)
    }

    @inlinable package var underestimatedCount: Int { left }
  }

  @usableFromInline
  package struct Member {
    @usableFromInline package let name: Name
    @usableFromInline package let value: JSONValue

    @inlinable
    init(name: Name, value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  /// A member's name.
  @usableFromInline
  package struct Name {
    @usableFromInline let node: UnsafePointer<JSONNode>
    @usableFromInline let text: UnsafePointer<UInt8>

    @inlinable
    init(node: UnsafePointer<JSONNode>, text: UnsafePointer<UInt8>) {
      self.node = node
      self.text = text
    }

    package var string: String { String(decoding: utf8, as: UTF8.self) }
    /// Of its bytes: equal names have equal hashes, see `JSONName.hash`.
    @inlinable package var hash: UInt32 { node.pointee.span }

    /// Where it begins in the text, after its quote, in bytes.
    package var offset: Int { Int(node.pointee.offset) }

    @inlinable package var utf8: UnsafeBufferPointer<UInt8> {
      UnsafeBufferPointer(start: text + Int(node.pointee.offset), count: Int(node.pointee.length))
    }

    /// As a string value.
    @inlinable package var value: JSONValue { JSONValue(node: node, text: text) }

    @inlinable
    package func matches(_ name: JSONName) -> Bool {
      hash == name.hash && name.bytes.withUnsafeBufferPointer { utf8.isEqual(to: $0) }
    }

    @inlinable
    func isEqual(to other: Name) -> Bool { hash == other.hash && utf8.isEqual(to: other.utf8) }

    /// In an order of no meaning, in which equal names are neighbours.
    func precedes(_ other: Name) -> Bool {
      if hash != other.hash { return hash < other.hash }
      if utf8.count != other.utf8.count { return utf8.count < other.utf8.count }
      return utf8.lexicographicallyPrecedes(other.utf8)
    }
  }
}
