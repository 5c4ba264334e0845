package import EventCore

/// The subscriptions of one organization by event name: a trie of the names' segments, so that a
/// lookup costs by the length of the name and by what matches, not by what exists.
package struct SubscriptionIndex: Sendable {
  private var root = Node()

  /// A place in the trie: what ends here, what takes any rest from here, and what goes on.
  private struct Node: Sendable {
    var here: [String: Subscription] = [:]
    /// Patterns that end in `**`: any rest of one or more segments.
    var rest: [String: Subscription] = [:]
    /// By segment; `*` is a key like any other, as no name contains it.
    var children: [Substring: Node] = [:]

    var isEmpty: Bool { here.isEmpty && rest.isEmpty && children.isEmpty }
  }

  package init() {}

  package mutating func insert(_ subscription: Subscription) {
    Self.change(&root, Self.segments(subscription.event)[...], subscription.subscriptionID) {
      $0 = subscription
    }
  }

  package mutating func remove(_ subscription: Subscription) {
    Self.change(&root, Self.segments(subscription.event)[...], subscription.subscriptionID) {
      $0 = nil
    }
  }

  /// The subscriptions whose name or pattern matches, in the order of their ids.
  package func matches(_ event: String) -> [Subscription] {
    var found: [Subscription] = []
    Self.collect(root, Self.segments(event)[...], into: &found)
    return found.sorted { $0.subscriptionID < $1.subscriptionID }
  }

  private static func segments(_ name: String) -> [Substring] {
    name.split(separator: ".", omittingEmptySubsequences: false)
  }

  /// Depth is bounded by the name's length.
  private static func change(
    _ node: inout Node, _ path: ArraySlice<Substring>, _ id: String,
    _ body: (inout Subscription?) -> Void
  ) {
    switch path.first {
    case nil: body(&node.here[id])
    case "**": body(&node.rest[id])
    case let segment?:
      change(&node.children[segment, default: Node()], path.dropFirst(), id, body)
      if node.children[segment]?.isEmpty == true { node.children[segment] = nil }
    }
  }

  private static func collect(
    _ node: Node, _ path: ArraySlice<Substring>, into found: inout [Subscription]
  ) {
    guard let segment = path.first else {
      found.append(contentsOf: node.here.values)
      return
    }
    found.append(contentsOf: node.rest.values)
    for key in [segment, "*"] {
      guard let child = node.children[key] else { continue }
      collect(child, path.dropFirst(), into: &found)
    }
  }
}
