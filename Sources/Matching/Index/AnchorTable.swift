internal import Expressions
internal import HashTreeCollections
internal import JSON

/// Subscriptions by the anchors of their filters, at each place of an index of its own: tries of the
/// anchors' paths, and for each condition at the end of one, who has it.
///
/// Names on a path are known by their hash of 32 bits, which names in payloads bring along. Those
/// that have the same are taken for one: see `AnchorKey`.
struct AnchorTable: Sendable {
  private var paths = Trie<UInt32, Conditions>()
  private var subscribers: TreeDictionary<AnchorKey, Subscribers> = [:]

  typealias Node = Trie<UInt32, Conditions>.Node

  var isEmpty: Bool { paths.isEmpty && subscribers.isEmpty }

  mutating func insert(_ subscription: CompiledSubscription, _ anchor: Anchor, at place: UInt64) {
    let node = paths.change(anchor.path.map(Self.label), from: Self.root(of: place)) {
      $0.add(anchor.condition)
    }
    subscribers[AnchorKey(anchor.condition, at: node), default: .none].insert(subscription)
  }

  mutating func remove(_ subscription: CompiledSubscription, _ anchor: Anchor, at place: UInt64) {
    let node = paths.change(anchor.path.map(Self.label), from: Self.root(of: place)) {
      $0.remove(anchor.condition)
    }
    let key = AnchorKey(anchor.condition, at: node)
    // Nil if the filter has two anchors of one key.
    guard var left = subscribers.removeValue(forKey: key) else { return }
    left.remove(subscription)
    if !left.isEmpty { subscribers[key] = left }
  }

  func node(_ label: UInt32, below node: Node) -> Node? { paths.child(of: node.number, label) }

  func node(_ label: UInt32, at place: UInt64) -> Node? {
    paths.child(of: Self.root(of: place), label)
  }

  subscript(key: AnchorKey) -> Subscribers? { subscribers[key] }

  static func label(_ name: String) -> UInt32 {
    var name = name
    return name.withUTF8(JSONName.hash(of:))
  }

  /// Places have numbers of their own, paths' nodes others: here they must not be the same.
  private static func root(of place: UInt64) -> UInt64 { place | 1 << 63 }
}

/// What is asked of the values at the end of a path: how many times each kind of condition, so that
/// nothing is looked up that can't be there.
struct Conditions: TrieContent {
  private(set) var textCount: UInt32 = 0
  private(set) var numberCount: UInt32 = 0
  private(set) var constantCount: UInt32 = 0
  /// By their length less one.
  private var prefixCounts: [UInt32] = []
  /// Bit n is set if there are prefixes of n + 1 bytes.
  private(set) var prefixLengths: UInt64 = 0

  var isEmpty: Bool {
    textCount == 0 && numberCount == 0 && constantCount == 0 && prefixLengths == 0
  }

  mutating func add(_ condition: Anchor.Condition) {
    switch condition {
    case .string: textCount += 1
    case .number: numberCount += 1
    case .boolean, .null: constantCount += 1
    case .prefix(let prefix):
      let length = Self.length(of: prefix)
      while prefixCounts.count < length { prefixCounts.append(0) }
      prefixCounts[length - 1] += 1
      prefixLengths |= 1 << (length - 1)
    }
  }

  mutating func remove(_ condition: Anchor.Condition) {
    switch condition {
    case .string: textCount -= 1
    case .number: numberCount -= 1
    case .boolean, .null: constantCount -= 1
    case .prefix(let prefix):
      let length = Self.length(of: prefix)
      prefixCounts[length - 1] -= 1
      if prefixCounts[length - 1] == 0 { prefixLengths &= ~(1 << (length - 1)) }
    }
  }

  private static func length(of prefix: String) -> Int {
    min(prefix.utf8.count, MatchingLimits.anchorPrefixBytesMax)
  }
}

extension Anchor {
  /// Whether the table can look it up: of binary payloads it would have to make the base64 text.
  var isIndexable: Bool { path.first != EventView.Member.binaryData && condition != .prefix("") }
}
