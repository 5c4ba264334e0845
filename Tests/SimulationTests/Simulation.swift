import EventCore
import Matching
import MemoryStore
import TestSupport

/// A gateway without I/O and time: the model of the store, a model of the pool, publishers,
/// operators and a watcher, whose steps a seed interleaves.
struct Simulation {
  var random: SeededRandom
  var history = History()
  var now = Timestamp(nanoseconds: 1_000_000_000_000)
  var store = StoreModel()
  let catalog = Catalog()
  var world = World()
  var pool = PoolModel()
  /// Of everything that was accepted.
  var invocations: [InvocationID] = []
  var triggers: [UniqueID] = []
  var lastNumber: UInt64 = 0
  var place: Int64 = 0
  /// Places that the watcher may come back with.
  var tokens: [Int64] = [0]

  /// Finished triggers go soon. Nobody watches then: what is gone can't be told any more.
  private let isPruned: Bool

  init(seed: UInt64) {
    random = SeededRandom(seed: seed)
    isPruned = seed % 4 == 0
    define(isPruned: isPruned)
  }

  /// - Returns: all that could be seen of it.
  static func history(seed: UInt64) -> History {
    var simulation = Simulation(seed: seed)
    for _ in 0..<Int.random(in: 20...150, using: &simulation.random) { simulation.step() }
    simulation.settle()
    return simulation.history
  }

  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

  mutating func note(_ fact: History.Fact) { history.note(fact, at: now) }

  private mutating func step() {
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<16: publish()
    case 16..<34: fetch()
    case 34..<56: start()
    case 56..<76: finish()
    case 76..<84: passTime()
    case 84..<86: pause()
    case 86..<88: resume()
    case 88..<90: cancel()
    case 90..<92: redrive()
    case 92: crash()
    case 93..<97: upkeep()
    default: listen()
    }
  }

  private mutating func passTime() {
    let milliseconds = Int.random(in: 1...(chance(10) ? 60_000 : 2_000), using: &random)
    // Clocks are set back, too.
    now = now + .milliseconds(chance(10) ? -milliseconds : milliseconds)
  }

  mutating func upkeep() {
    let limit = Int.random(in: 1...3, using: &random)
    let running = pool.check
    apply(store.expireGroups(at: now, limit: limit, running: running))
    apply(store.unpark(limit: limit))
    if isPruned { _ = store.prune(at: now, limit: limit) }
  }

  private mutating func listen() {
    guard !isPruned else { return }
    if chance(20), let token = tokens.randomElement(using: &random) {
      place = token
      // What it heard later it has forgotten, with the tokens.
      tokens.removeAll { $0 > token }
      note(.rewound(place: token))
    }
    hear(limit: Int.random(in: 1...5, using: &random))
  }

  private mutating func hear(limit: Int) {
    let page = store.changes(ChangeQuery(in: .default, after: place, limit: limit))
    for change in page.changes {
      note(.heard(place: change.place, change.invocation.id, revision: change.invocation.revision))
    }
    place = page.place
    tokens.append(place)
  }

  /// Nothing new comes any more: all that was accepted must come to an end.
  private mutating func settle() {
    while !pausedSubscriptions.isEmpty { resume() }
    var idle = 0
    while store.unfinished > 0, idle < 50 {
      let before = history.entries.count
      upkeep()
      fetch()
      start()
      finish()
      if history.entries.count == before {
        idle += 1
        now = now + .seconds(idle)
      } else {
        idle = 0
      }
    }
    if store.unfinished > 0 { note(.stuck(unfinished: store.unfinished)) }
    if !isPruned { hear(limit: .max) }
  }
}
