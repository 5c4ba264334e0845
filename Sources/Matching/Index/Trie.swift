internal import HashTreeCollections

/// What a place of a trie holds.
protocol TrieContent: Sendable {
  /// That of a place where nothing ends.
  init()
  var isEmpty: Bool { get }
}

/// What leads from a place of a trie to the next.
protocol TrieLabel: Hashable, Sendable {
  /// A number that stands for it, or 0 for none that does.
  var mark: UInt32 { get }
}

extension Substring: TrieLabel {
  var mark: UInt32 { 0 }
}

extension UInt32: TrieLabel {
  var mark: UInt32 { self }
}

/// Tries in one table, each known by the number of its root. A copy costs nothing: it shares all but
/// what changes from then on, and a change costs the same whether there are copies or not.
struct Trie<Label: TrieLabel, Content: TrieContent>: Sendable {
  /// Never used again.
  typealias Number = UInt64

  struct Node: Sendable {
    let number: Number
    fileprivate(set) var childCount: UInt32 = 0
    /// Of its children's labels, all of them by exclusive or.
    fileprivate var marks: UInt32 = 0
    var content = Content()

    /// Of its only child's label; nil if it has none or several.
    var onlyMark: UInt32? { childCount == 1 ? marks : nil }

    fileprivate var isEmpty: Bool { childCount == 0 && content.isEmpty }
  }

  private struct Edge: Hashable, Sendable {
    let parent: Number
    let label: Label
  }

  /// By the edge that leads to each.
  private var nodes: TreeDictionary<Edge, Node> = [:]
  private var lastNumber: Number = 0

  var isEmpty: Bool { nodes.isEmpty }

  func child(of parent: Number, _ label: Label) -> Node? {
    nodes[Edge(parent: parent, label: label)]
  }

  /// Changes what is at the end of a path, which comes to be if it was not there, and goes if nothing
  /// is left in it. Recurses along the path.
  ///
  /// - Precondition: `path` is not empty.
  /// - Returns: the number of what is at its end.
  @discardableResult
  mutating func change(
    _ path: [Label], from root: Number, _ body: (inout Content) -> Void
  ) -> Number {
    precondition(!path.isEmpty)
    var number: Number = 0
    _ = change(path[...], from: root) { node in
      body(&node.content)
      number = node.number
    }
    return number
  }

  /// - Returns: by how much the parent's children became more.
  private mutating func change(
    _ path: ArraySlice<Label>, from parent: Number, _ body: (inout Node) -> Void
  ) -> Int {
    let edge = Edge(parent: parent, label: path[path.startIndex])
    let old = nodes[edge]
    var node = old ?? newNode()
    let rest = path.dropFirst()
    if rest.isEmpty {
      body(&node)
    } else {
      let change = change(rest, from: node.number, body)
      node.childCount = UInt32(Int(node.childCount) + change)
      if change != 0 { node.marks ^= rest[rest.startIndex].mark }
    }
    nodes[edge] = node.isEmpty ? nil : node
    return (node.isEmpty ? 0 : 1) - (old == nil ? 0 : 1)
  }

  private mutating func newNode() -> Node {
    lastNumber += 1
    return Node(number: lastNumber)
  }
}
