internal import EventCore
internal import Expressions

/// The subscriptions of one organization, by the names of events and by what their filters ask of
/// them: a lookup costs by what matches, not by what exists.
///
/// ```
/// names     order ─ created ─▶ place: always asked: s1, s4
///             └──── * ───────▶ place: by anchors    region = "eu" ─▶ s2
///                                                   data.order.total = 5 ─▶ s3
/// ```
///
/// A trie of the names' segments leads to places where names and patterns end. At each are those
/// that can't be told apart before their filter is asked (without a filter, or one without anchors),
/// and a table of the others' anchors.
///
/// A copy costs nothing, and is of the moment it was made: a trigger is matched with one, while the
/// index goes on changing. Inserting and removing cost the same whatever the index holds.
package struct SubscriptionIndex: Sendable {
  private var names = Trie<Substring, Place>()
  private var anchors = AnchorTable()

  /// Where names or patterns end.
  private struct Place: TrieContent {
    /// Those that are always asked.
    var unanchored = Subscribers.none
    /// Those in the table of anchors.
    var anchored = Subscribers.none

    var isEmpty: Bool { unanchored.isEmpty && anchored.isEmpty }
  }

  private typealias Node = Trie<Substring, Place>.Node

  package init() {}

  package var isEmpty: Bool { names.isEmpty && anchors.isEmpty }

  /// - Precondition: this very object is not in it.
  package mutating func insert(_ subscription: CompiledSubscription) {
    let found = subscription.anchors
    let place = change(at: subscription.subscription.event) { place in
      if found == nil {
        place.unanchored.insert(subscription)
      } else {
        place.anchored.insert(subscription)
      }
    }
    for anchor in found ?? [] { anchors.insert(subscription, anchor, at: place) }
  }

  /// - Precondition: this very object was inserted.
  package mutating func remove(_ subscription: CompiledSubscription) {
    let found = subscription.anchors
    let place = change(at: subscription.subscription.event) { place in
      if found == nil {
        place.unanchored.remove(subscription)
      } else {
        place.anchored.remove(subscription)
      }
    }
    for anchor in found ?? [] { anchors.remove(subscription, anchor, at: place) }
  }

  private mutating func change(at event: String, _ body: (inout Place) -> Void) -> UInt64 {
    names.change(Self.segments(event), from: Self.root, body)
  }

  private static let root: UInt64 = 0

  private static func segments(_ name: String) -> [Substring] {
    name.split(separator: ".", omittingEmptySubsequences: false)
  }
}

extension SubscriptionIndex {
  /// Those whose filter has to be asked about a trigger: all that match are among them, each once.
  func candidates(for event: String, _ trigger: TriggerView) -> [CompiledSubscription] {
    var found: [CompiledSubscription] = []
    found.reserveCapacity(AnchorWalk.usualCount)
    var walk: AnchorWalk?
    forEachPlace(of: event) { place in
      place.content.unanchored.forEach { found.append($0) }
      guard !place.content.anchored.isEmpty else { return }
      if walk == nil { walk = AnchorWalk(anchors, trigger) }
      walk?.visit(place.number)
    }
    walk?.appendFound(to: &found)
    return found
  }

  /// All whose name or pattern matches, in the order of their ids. Costs by how many there are.
  package func subscribers(to event: String) -> [CompiledSubscription] {
    var found: [CompiledSubscription] = []
    forEachPlace(of: event) { place in
      place.content.unanchored.forEach { found.append($0) }
      place.content.anchored.forEach { found.append($0) }
    }
    return found.sorted { $0.subscription.subscriptionID < $1.subscription.subscriptionID }
  }

  private func forEachPlace(of event: String, _ body: (Node) -> Void) {
    visit(Self.segments(event)[...], from: Self.root, body)
  }

  /// Recurses along the name. A pattern that ends in `**` takes any rest of one or more segments.
  private func visit(_ path: ArraySlice<Substring>, from parent: UInt64, _ body: (Node) -> Void) {
    guard let segment = path.first else { return }
    if let node = names.child(of: parent, segment) { step(path.dropFirst(), to: node, body) }
    if let node = names.child(of: parent, "*") { step(path.dropFirst(), to: node, body) }
    if let node = names.child(of: parent, "**") { body(node) }
  }

  private func step(_ rest: ArraySlice<Substring>, to node: Node, _ body: (Node) -> Void) {
    if rest.isEmpty {
      body(node)
    } else if node.childCount > 0 {
      visit(rest, from: node.number, body)
    }
  }
}
