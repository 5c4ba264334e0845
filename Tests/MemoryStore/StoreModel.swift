import DequeModule
package import EventCore

/// What an `EventStore` must do, as a value: every operation of the protocol, without I/O and
/// without concurrency. Simulations use it as it is, `MemoryStore` makes a store of it.
package struct StoreModel: Sendable {
  let limits: ModelLimits
  package internal(set) var definitions: DefinitionModel

  /// By the number of the commit that accepted them.
  var records: [Int64: TriggerRecord] = [:]
  var commits: [UniqueID: Int64] = [:]
  var requests: [Tenancy: Int64] = [:]
  /// The commits of an organization's triggers, and of those of one event.
  var lists: [List: SortedSet<Int64>] = [:]
  private(set) var lastCommit: Int64 = 0

  /// What nothing holds, by priority and when it is due.
  var lanes: [Lane: [Int32: SortedSet<Appointment>]] = [:]
  var backlog: [Lane: Int] = [:]
  package internal(set) var unfinished = 0
  var keys: [OrderingKey: KeyQueue] = [:]
  /// What `Invocation.Holds.pause` holds, by subscription.
  var parked: [Tenancy: SortedSet<Position>] = [:]
  /// What `Invocation.Holds.key` holds, by when it is due.
  var keyed: [Lane: [ConcurrencyKey: SortedSet<Appointment>]] = [:]
  /// Of groups; the ordinal is the group's index.
  var deadlines = SortedSet<Appointment>()
  var retention = RetentionModel()

  var log: Deque<LogEntry> = []
  /// The place of the log's newest entry.
  var lastPlace: Int64 = 0

  package init(limits: ModelLimits = ModelLimits()) {
    self.limits = limits
    definitions = DefinitionModel(limits: limits)
  }

  /// A name that is unique in its organization only.
  struct Tenancy: Hashable, Comparable, Sendable {
    var organization: Organization
    var name: String

    static func < (left: Tenancy, right: Tenancy) -> Bool {
      (left.organization.name, left.name) < (right.organization.name, right.name)
    }
  }

  struct List: Hashable, Sendable {
    var organization: Organization
    /// Nil for all of them.
    var event: String?
  }

  struct LogEntry: Sendable {
    var position: Position
    var time: Timestamp
  }

  mutating func nextCommit() -> Int64 {
    lastCommit += 1
    return lastCommit
  }

  func position(of id: InvocationID) -> Position? {
    guard let commit = commits[id.triggerID],
      records[commit]!.invocations.indices.contains(id.ordinal)
    else { return nil }
    return Position(commit: commit, ordinal: id.ordinal)
  }

  func position(of id: InvocationID, in organization: Organization) -> Position? {
    guard let position = position(of: id),
      records[position.commit]!.trigger.organization == organization
    else { return nil }
    return position
  }

  subscript(position: Position) -> Invocation {
    records[position.commit]!.invocations[position.ordinal]
  }

  func organization(of position: Position) -> Organization {
    records[position.commit]!.trigger.organization
  }

  func lane(of position: Position) -> Lane {
    Lane(organization(of: position), self[position].functionID)
  }
}

extension StoreModel {
  /// Of all organizations, in no order.
  package var invocations: [Invocation] { records.values.flatMap(\.invocations) }

  package func invocation(_ id: InvocationID) -> Invocation? {
    position(of: id).map { self[$0] }
  }

  /// Accepts what may be past the bounds, for tests.
  package mutating func insert(_ plan: TriggerPlan) -> Set<Int> { add(plan) }

  package mutating func commit(
    _ transaction: DefinitionTransaction
  ) -> (outcome: DefinitionOutcome, updates: [DefinitionUpdate]) {
    definitions.commit(transaction)
  }
}
