import DequeModule
import EventCore

/// What a lane has in memory to start, by priority and among equals in the order in which it came, and
/// what of it may start by its concurrency key (`KeySlots`). A value; part of the `LaneState`.
struct LaneQueue {
  /// What is to be done about keys that have more than may run.
  enum Sorting: Hashable {
    /// The store is to hold these; `heldBack` is to be called.
    case holdBack([Assignment])
    /// `released` is to be called.
    case release(KeyRelease)
  }

  private let max: Int
  private var waiting: Deque<Assignment> = []
  /// What is to be held in the store, behind others of its key.
  private var surplus: [Assignment] = []
  private var ids: Set<InvocationID> = []
  /// How many of `waiting` there are of each key.
  private var keys: [ConcurrencyKey: Int] = [:]
  private var slots = KeySlots()
  /// What the store was told to do: one thing at a time, or what one does is taken for what the other
  /// did.
  private var sorting: Sorting?

  init(max: Int) { self.max = max }

  var isEmpty: Bool { ids.isEmpty }
  /// How many there is room for.
  var room: Int { Swift.max(0, max - waiting.count) }
  /// More than half is taken: all of it by what is blocked, if nothing is ready.
  var isCrowded: Bool { waiting.count > max / 2 }
  /// Nothing is here, nor held in the store as far as is known.
  var isDone: Bool { isEmpty && sorting == nil && !slots.mayHold }
  /// The store is told to hold some, which may still be due in it.
  var isHoldingBack: Bool { if case .holdBack = sorting { true } else { false } }
  var allIDs: Set<InvocationID> { ids }

  func contains(_ id: InvocationID) -> Bool { ids.contains(id) }

  /// Whether it may be queued although others of the lane were not read from the store.
  func takesHint(_ assignment: Assignment) -> Bool {
    let hasRoom = room > 0 || waiting.last!.invocation.priority < assignment.invocation.priority
    return hasRoom && !isHoldingBack && !slots.mustFollow(assignment.key)
  }

  /// The first that may start by its key.
  var firstReady: Int? { waiting.firstIndex { !slots.isBlocked($0.key) } }

  /// The one that is due for longest of those that may start by their keys.
  var oldestReady: Int? {
    waiting.indices.filter { !slots.isBlocked(waiting[$0].key) }
      .min { waiting[$0].dueTime < waiting[$1].dueTime }
  }

  subscript(index: Int) -> Assignment { waiting[index] }

  // MARK: What happens

  mutating func append(_ assignment: Assignment) {
    ids.insert(assignment.invocation.id)
    guard !slots.mustFollow(assignment.key) else { return surplus.append(assignment) }
    insert(assignment)
    if let key = assignment.key { keys[key, default: 0] += 1 }
  }

  private mutating func insert(_ assignment: Assignment) {
    let priority = assignment.invocation.priority
    // Nearly all have the same, and go to the end.
    guard let last = waiting.last, last.invocation.priority < priority else {
      return waiting.append(assignment)
    }
    waiting.insert(assignment, at: waiting.firstIndex { $0.invocation.priority < priority }!)
  }

  /// What came in the place of others: those at the end, which stay in the store.
  mutating func dropOverflow() -> [Assignment] {
    var dropped: [Assignment] = []
    while waiting.count > max { dropped.append(remove(at: waiting.count - 1)) }
    return dropped
  }

  /// What a refill brought.
  ///
  /// - Parameter isAll: whether nothing more was due.
  mutating func append(_ assignments: some Collection<Assignment>, isAll: Bool) {
    for assignment in assignments { append(assignment) }
    slots.refilled(assignments.lazy.compactMap(\.key), isAll: isAll)
  }

  mutating func start(at index: Int) -> Assignment {
    let started = remove(at: index)
    slots.started(started.key)
    return started
  }

  mutating func ended(_ key: ConcurrencyKey?) { slots.ended(key) }

  /// - Returns: nil if it is not there.
  mutating func remove(_ id: InvocationID) -> Assignment? {
    guard ids.contains(id) else { return nil }
    if let index = waiting.firstIndex(where: { $0.invocation.id == id }) {
      return remove(at: index)
    }
    ids.remove(id)
    return surplus.firstIndex { $0.invocation.id == id }.map { surplus.remove(at: $0) }
  }

  /// - Returns: the weight of what was there.
  mutating func removeAll() -> Int {
    defer { (waiting, surplus, ids, keys) = ([], [], [], [:]) }
    return waiting.reduce(0) { $0 + $1.weight } + surplus.reduce(0) { $0 + $1.weight }
  }

  private mutating func remove(at index: Int) -> Assignment {
    let removed = waiting.remove(at: index)
    ids.remove(removed.invocation.id)
    if let key = removed.key { keys[key] = keys[key] == 1 ? nil : keys[key]! - 1 }
    return removed
  }

  // MARK: Keys

  /// To be called whenever the function may have changed.
  mutating func adopt(_ limit: KeyLimit?) { slots.adopt(limit) }

  /// The store may hold some of any key.
  mutating func noteHeldKeys() { slots.noteUnknown() }

  /// - Parameter isIdle: whether the lane has nothing else to start or to read.
  mutating func sort(isIdle: Bool) -> Sorting? {
    guard sorting == nil else { return nil }
    if !surplus.isEmpty { return holdBack(after: max) }
    let room = Swift.max(0, max / 2 - waiting.count)
    sorting = slots.release(room: room, isIdle: isIdle) { keys[$0] != nil }.map { .release($0) }
    return sorting
  }

  /// Makes room when all that is queued is blocked.
  mutating func holdBackHalf() -> Sorting? { sorting == nil ? holdBack(after: max / 2) : nil }

  private mutating func holdBack(after count: Int) -> Sorting {
    var removed = surplus
    surplus = []
    ids.subtract(removed.map(\.invocation.id))
    while waiting.count > count { removed.append(remove(at: waiting.count - 1)) }
    sorting = .holdBack(removed)
    return .holdBack(removed)
  }

  /// The store holds these now.
  mutating func heldBack(_ assignments: [Assignment]) {
    sorting = nil
    slots.noteHeld(assignments.compactMap(\.key))
  }

  /// - Returns: whether the store has something more to start.
  mutating func released(_ release: KeyRelease, _ answer: KeyReleased) -> Bool {
    sorting = nil
    return slots.released(release, answer)
  }
}

extension Assignment {
  var dueTime: Timestamp { invocation.nextAttemptTime ?? trigger.dueTime }
}
