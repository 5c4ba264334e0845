internal import HashTreeCollections

/// A set of subscriptions that is most often of one: then it is one word. A copy costs nothing.
enum Subscribers: Sendable {
  case none
  case one(CompiledSubscription)
  indirect case many(TreeDictionary<ObjectIdentifier, CompiledSubscription>)

  var isEmpty: Bool {
    if case .none = self { true } else { false }
  }

  mutating func insert(_ new: CompiledSubscription) {
    switch self {
    case .none: self = .one(new)
    case .one(let old) where old === new: break
    case .one(let old):
      self = .many([ObjectIdentifier(old): old, ObjectIdentifier(new): new])
    case .many(var all):
      // Held once, it changes in place.
      self = .none
      all[ObjectIdentifier(new)] = new
      self = .many(all)
    }
  }

  /// Changes nothing if it is not there.
  mutating func remove(_ old: CompiledSubscription) {
    switch self {
    case .none: break
    case .one(let only): if only === old { self = .none }
    case .many(var all):
      self = .none
      all[ObjectIdentifier(old)] = nil
      self = all.isEmpty ? .none : .many(all)
    }
  }

  func forEach(_ body: (CompiledSubscription) -> Void) {
    switch self {
    case .none: break
    case .one(let only): body(only)
    case .many(let all): for entry in all { body(entry.value) }
    }
  }
}
