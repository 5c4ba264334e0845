import EventCore

/// How many of each concurrency key run in a lane, and of which keys the store holds more. A value;
/// the `LaneState` asks it.
///
/// What is blocked by its key waits in the lane's queue as long as there is room. What finds none is
/// held in the store (`Invocation.Holds.key`), where it stands in nobody's way, and is released again
/// when its key has room and the queue has none of it:
///
/// ```
/// a key:  nothing held ──(its surplus is held)──▶ held ◀─────────────────────────┐
///              ▲                                    │ has room, none in the queue │
///              │                                    ▼                             │
///              └────(nothing is held any more)── released, a few ──(something is)─┘
/// ```
/// Of a bounded number of keys it is remembered that they are held. Of others it is only known that
/// there may be some, as after a restart: the store is asked for them when there is nothing else to
/// do, one key after the other.
struct KeySlots {
  private(set) var limit: KeyLimit?
  private var running: [ConcurrencyKey: Int] = [:]
  private var held: Set<ConcurrencyKey> = []
  /// The held ones that are not blocked.
  private var free: Set<ConcurrencyKey> = []
  /// Some of them were released that no refill has brought yet.
  private var awaited: Set<ConcurrencyKey> = []
  private var mayHoldOthers = false
  /// There was nothing to release of the others, and no slot has got free since.
  private var isFutile = false
  private var last: ConcurrencyKey?

  /// Whether the store may hold something.
  var mayHold: Bool { mayHoldOthers || !held.isEmpty }

  func isBlocked(_ key: ConcurrencyKey?) -> Bool {
    guard let limit, let key else { return false }
    return running[key, default: 0] >= limit.max
  }

  /// Whether it is to be held, too, behind others of its key. Not if those are on their way here.
  func mustFollow(_ key: ConcurrencyKey?) -> Bool {
    guard let key else { return false }
    return held.contains(key) && !awaited.contains(key)
  }

  // MARK: What happens

  /// To be called whenever the function may have changed.
  mutating func adopt(_ limit: KeyLimit?) {
    guard limit != self.limit else { return }
    if limit?.pointer != self.limit?.pointer, !held.isEmpty {
      // What was held for keys of another meaning is released like what nobody remembers.
      held = []
      mayHoldOthers = true
    }
    self.limit = limit
    isFutile = false
    free = held.filter { !isBlocked($0) }
  }

  mutating func started(_ key: ConcurrencyKey?) {
    guard let key else { return }
    running[key, default: 0] += 1
    if isBlocked(key) { free.remove(key) }
  }

  mutating func ended(_ key: ConcurrencyKey?) {
    guard let key else { return }
    let count = running[key]! - 1
    running[key] = count == 0 ? nil : count
    isFutile = false
    noteFree(key)
  }

  /// Something of each of these is held in the store.
  mutating func noteHeld(_ keys: some Sequence<ConcurrencyKey>) {
    for key in keys {
      if held.count < ExecutorLimits.heldKeysMax { held.insert(key) }
      if !held.contains(key) { noteUnknown() }
      // Its slot may have got free while that was written.
      noteFree(key)
    }
  }

  /// Something of any key may be held in the store.
  mutating func noteUnknown() {
    mayHoldOthers = true
    isFutile = false
  }

  /// A refill brought some of these keys.
  ///
  /// - Parameter isAll: whether nothing more was due.
  mutating func refilled(_ keys: some Sequence<ConcurrencyKey>, isAll: Bool) {
    if isAll { awaited = [] } else { awaited.subtract(keys) }
  }

  private mutating func noteFree(_ key: ConcurrencyKey) {
    if held.contains(key), !isBlocked(key) { free.insert(key) }
  }

  // MARK: Releasing

  /// What is to be released now; `released` is to be called.
  ///
  /// - Parameters:
  ///   - room: how many there is room for in the queue: of a key more may be released than may
  ///     start, so that the store is not asked for each.
  ///   - isIdle: whether the lane has nothing else to start or to read.
  ///   - isQueued: whether the queue has some of a key.
  mutating func release(
    room: Int, isIdle: Bool, isQueued: (ConcurrencyKey) -> Bool
  ) -> KeyRelease? {
    let keys = free.filter { !awaited.contains($0) && !isQueued($0) }.prefix(max(1, room))
    if !keys.isEmpty {
      let share = room / keys.count
      return .of(Dictionary(uniqueKeysWithValues: keys.map { ($0, max(slots($0), share)) }))
    }
    guard isIdle, mayHoldOthers, !isFutile else { return nil }
    return .any(
      limit: max(1, room), each: limit.map { Int($0.max) } ?? max(1, room), after: last,
      except: Set(running.keys.filter(isBlocked)))
  }

  /// - Returns: whether the store has something more to start.
  mutating func released(_ release: KeyRelease, _ answer: KeyReleased) -> Bool {
    switch release {
    case .of(let keys):
      held.subtract(keys.keys.filter { !answer.stillHeld.contains($0) })
      free.formIntersection(held)
      if answer.count > 0 { awaited.formUnion(keys.keys) }
    case .any:
      last = answer.last
      isFutile = answer.count == 0
      if answer.isComplete { mayHoldOthers = false }
      noteHeld(answer.stillHeld)
      if answer.count > 0 { awaited.formUnion(answer.stillHeld) }
    }
    return answer.count > 0
  }

  private func slots(_ key: ConcurrencyKey) -> Int {
    limit.map { max(1, Int($0.max) - running[key, default: 0]) } ?? 1
  }
}
