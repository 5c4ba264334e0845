import DequeModule
import EventCore

/// Which kept processes there are, which of them are idle, and who waits for one. A value: it decides,
/// `KeptProcesses` acts.
///
/// Each function has a pool of processes of its current definition, up to its own bound; all pools
/// together have another. Who finds neither an idle process nor room for one waits in line. No
/// function can keep others out: where somebody waits for room, the longest idle process is ended, and
/// one that becomes idle is ended instead of being kept.
struct KeptFloor {
  /// Whose processes they are.
  struct Owner: Hashable, Sendable {
    var organization: Organization
    var functionID: String
  }

  /// What a process was started for: another one, and it is replaced.
  struct Definition: Hashable, Sendable {
    var uid: UniqueID
    var target: ProcessTarget
    var keepAlive: ProcessTarget.KeepAlive
  }

  enum Grant: Hashable, Sendable {
    case use(Int)
    /// After a pause.
    case start(Int, after: Duration)
  }

  enum Action: Hashable {
    /// To the one in line with this ticket.
    case grant(Int, Grant)
    case refuse(Int)
    case end(Int)
    /// `idleTimePassed` is to be called.
    case watchIdle(Int, for: Duration)
  }

  typealias Instant = ContinuousClock.Instant

  private struct Process {
    let owner: Owner
    let idleTimeout: Duration
    /// It is in no pool, and gone soon: it takes no further invocation.
    var isLeaving: Bool
    var served: Int32 = 0
    /// Nil while it is starting or busy.
    var idleSince: Instant?
    var isWatched = false
  }

  private struct Pool {
    var definition: Definition
    var processes: Set<Int> = []
    /// The one that became idle last is used first, so that what is too many becomes idle for long.
    var idle: [Int] = []
    /// How many died in a row before they had answered anything, and until when none is started.
    var deaths = 0
    var pausesUntil: Instant?

    var hasRoom: Bool { processes.count < definition.keepAlive.processesMax }
  }

  private struct Waiter {
    let ticket: Int
    let owner: Owner
    let definition: Definition
  }

  private let processesMax: Int
  private var processes: [Int: Process] = [:]
  private var pools: [Owner: Pool] = [:]
  private var line: Deque<Waiter> = []
  private var lastID = 0
  private var isClosed = false

  init(processesMax: Int) {
    precondition(processesMax > 0, "no process could ever run")
    self.processesMax = processesMax
  }

  var processCount: Int { processes.count }

  func has(_ id: Int) -> Bool { processes[id] != nil }

  // MARK: Taking

  /// Somebody needs a process.
  mutating func ask(
    _ ticket: Int, for owner: Owner, _ definition: Definition, at now: Instant
  ) -> [Action] {
    guard !isClosed else { return [.refuse(ticket)] }
    var actions = define(definition, of: owner)
    if pools[owner] == nil { pools[owner] = Pool(definition: definition) }
    if let id = pools[owner]!.idle.popLast() {
      processes[id]!.idleSince = nil
      return actions + [.grant(ticket, .use(id))]
    }
    let waiter = Waiter(ticket: ticket, owner: owner, definition: definition)
    if hasRoom(for: waiter), processes.count < processesMax {
      return actions + [start(for: waiter, at: now)]
    }
    line.append(waiter)
    actions += makeRoom()
    return actions
  }

  /// Who has the ticket waits no longer.
  mutating func withdraw(_ ticket: Int) {
    line.removeAll { $0.ticket == ticket }
  }

  private mutating func start(for waiter: Waiter, at now: Instant) -> Action {
    let pool = pools[waiter.owner] ?? Pool(definition: waiter.definition)
    // Of a definition that was replaced while it waited, it is for this one invocation.
    let isCurrent = pool.definition == waiter.definition
    lastID += 1
    processes[lastID] = Process(
      owner: waiter.owner, idleTimeout: waiter.definition.keepAlive.idleTimeout,
      isLeaving: !isCurrent)
    if isCurrent { pools[waiter.owner, default: pool].processes.insert(lastID) }
    let pause = pool.pausesUntil.map { now.duration(to: $0) } ?? .zero
    return .grant(waiter.ticket, .start(lastID, after: max(.zero, pause)))
  }

  /// Whether a process may be started for it, as far as its function is concerned.
  private func hasRoom(for waiter: Waiter) -> Bool {
    guard let pool = pools[waiter.owner], pool.definition == waiter.definition else { return true }
    return pool.hasRoom
  }

  /// Ends the longest idle process, if somebody waits for more room than there will be.
  private mutating func makeRoom() -> [Action] {
    guard lacksRoom else { return [] }
    let idle = processes.filter { $0.value.idleSince != nil && !$0.value.isLeaving }
    guard let longest = idle.min(by: { $0.value.idleSince! < $1.value.idleSince! }) else {
      return []
    }
    return [leave(longest.key)]
  }

  private var lacksRoom: Bool {
    let wanting = line.count { hasRoom(for: $0) }
    return wanting > processesMax - processes.count + processes.count { $0.value.isLeaving }
  }

  // MARK: Giving back

  /// A process has answered.
  ///
  /// - Parameter isUsable: whether it could take another invocation; if not, it is ending already.
  mutating func answered(_ id: Int, isUsable: Bool, at now: Instant) -> [Action] {
    guard let owner = processes[id]?.owner else { return [] }
    processes[id]!.served += 1
    guard !processes[id]!.isLeaving else { return isUsable ? [.end(id)] : [] }
    (pools[owner]!.deaths, pools[owner]!.pausesUntil) = (0, nil)
    guard isUsable else {
      _ = leave(id)
      return []
    }
    let servesMax = pools[owner]!.definition.keepAlive.invocationsMax
    if isClosed || processes[id]!.served == servesMax { return [leave(id)] }
    return next(for: id, of: owner, at: now)
  }

  /// A process was granted and is not needed after all.
  mutating func returned(_ id: Int, at now: Instant) -> [Action] {
    guard let process = processes[id] else { return [] }
    if process.isLeaving || isClosed { return [.end(id)] }
    return next(for: id, of: process.owner, at: now)
  }

  private mutating func next(for id: Int, of owner: Owner, at now: Instant) -> [Action] {
    let lacksRoom = lacksRoom
    let definition = pools[owner]!.definition
    let first = line.firstIndex { waiter in
      waiter.owner == owner && waiter.definition == definition || lacksRoom && hasRoom(for: waiter)
    }
    if let first, line[first].owner == owner, line[first].definition == definition {
      return [.grant(line.remove(at: first).ticket, .use(id))]
    }
    if first != nil { return [leave(id)] }
    pools[owner]!.idle.append(id)
    processes[id]!.idleSince = now
    guard !processes[id]!.isWatched else { return [] }
    processes[id]!.isWatched = true
    return [.watchIdle(id, for: processes[id]!.idleTimeout)]
  }

  /// As long as `watchIdle` said has passed.
  mutating func idleTimePassed(_ id: Int, at now: Instant) -> [Action] {
    guard let process = processes[id], !process.isLeaving else { return [] }
    guard let idleSince = process.idleSince else {
      processes[id]!.isWatched = false
      return []
    }
    let left = process.idleTimeout - idleSince.duration(to: now)
    return left > .zero ? [.watchIdle(id, for: left)] : [leave(id)]
  }

  // MARK: Ends

  /// A process is gone, or was never started.
  ///
  /// - Parameter hasFailed: by its own doing.
  mutating func gone(_ id: Int, hasFailed: Bool, at now: Instant) -> [Action] {
    guard let process = processes.removeValue(forKey: id) else { return [] }
    if !process.isLeaving { removeFromPool(id, process.owner) }
    if hasFailed, process.served == 0, !process.isLeaving { pause(process.owner, at: now) }
    forget(process.owner)
    guard !isClosed, processes.count < processesMax,
      let index = line.firstIndex(where: { hasRoom(for: $0) })
    else { return [] }
    return [start(for: line.remove(at: index), at: now)]
  }

  private mutating func pause(_ owner: Owner, at now: Instant) {
    guard let deaths = pools[owner]?.deaths else { return }
    // More doublings than the bound needs would overflow.
    let pause = RuntimeLimits.restartBackoffMin * (1 << min(deaths, 16))
    pools[owner]!.deaths += 1
    pools[owner]!.pausesUntil = now + min(pause, RuntimeLimits.restartBackoffMax)
  }

  /// A function has another definition now, or none: its processes end once they have answered.
  ///
  /// - Returns: nothing to do if it is the one that they were started for.
  mutating func define(_ definition: Definition?, of owner: Owner) -> [Action] {
    guard let pool = pools[owner], pool.definition != definition else { return [] }
    let idle = pool.idle
    for id in pool.processes { processes[id]!.isLeaving = true }
    pools[owner] = definition.map { Pool(definition: $0) }
    if definition == nil { forget(owner) }
    return idle.map { .end($0) }
  }

  /// Nothing is started any more, and what is idle ends.
  mutating func close() -> [Action] {
    isClosed = true
    let waiting = line.map { Action.refuse($0.ticket) }
    line = []
    return waiting + pools.values.flatMap(\.idle).map { leave($0) }
  }

  private mutating func leave(_ id: Int) -> Action {
    processes[id]!.isLeaving = true
    removeFromPool(id, processes[id]!.owner)
    return .end(id)
  }

  private mutating func removeFromPool(_ id: Int, _ owner: Owner) {
    pools[owner]?.processes.remove(id)
    pools[owner]?.idle.removeAll { $0 == id }
  }

  /// A pool with nothing in it and nobody who waits for it is not worth its memory.
  private mutating func forget(_ owner: Owner) {
    guard let pool = pools[owner], pool.processes.isEmpty, pool.deaths == 0,
      !line.contains(where: { $0.owner == owner })
    else { return }
    pools[owner] = nil
  }
}
