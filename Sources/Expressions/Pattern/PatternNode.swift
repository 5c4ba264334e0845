import JSON

/// A node of a compiled pattern. Nodes lie in the order of the pattern's text, each before those
/// within it.
struct PatternNode: Sendable {
  enum Kind: UInt8, Sendable {
    /// A member that is one of some alternatives.
    case field
    /// A member that is an object, all of whose nodes must match: `{"order": {…}}`. So are the
    /// pattern itself and each branch of an `$or`, but without a name: they are about the same value
    /// as what they are within.
    case object
    /// `$or`: one of the objects within must match.
    case or
  }

  var kind: Kind
  var name: JSONName?
  /// The index after the last node within it.
  var end: Int32
  /// Of a field: its alternatives but `{"exists": false}`.
  var matchers: Range<Int32> = 0..<0
  /// Of a field: `{"exists": false}` is among its alternatives.
  var allowsAbsence = false
  /// All it asks for is that something is not there.
  var asksForAbsence = false
}

extension ContentPattern {
  /// The indices of the nodes directly within one.
  struct Children: Sequence, IteratorProtocol {
    fileprivate let nodes: [PatternNode]
    fileprivate var place: Int
    fileprivate let end: Int

    mutating func next() -> Int? {
      guard place < end else { return nil }
      defer { place = Int(nodes[place].end) }
      return place
    }
  }

  func children(of index: Int) -> Children {
    Children(nodes: nodes, place: index + 1, end: Int(nodes[index].end))
  }
}
