package import EventCore
import Synchronization
package import TestSupport

/// A store in memory that keeps all promises but one: that of the disk. With faults to inject and
/// signals to wait on, for tests of those who use a store.
///
/// Whatever was committed outlives it: `MemoryStore(reopening: store)` is the store after a crash.
package final class MemoryStore: Sendable {
  package enum Operation: Hashable, Sendable {
    case define, read, accept, changes, lanes, due, record, cancel, redrive, park, unpark
    case expireGroups, prune, hold, release
  }

  package struct Contents: Sendable {
    package var model: StoreModel
    /// What `record` has written, in order.
    package var records: [Invocation] = []
    package var dueReads = 0
    /// The largest page of due work that was asked for.
    package var pageMax = 0
    package var isClosed = false
    var observers: [@Sendable (DefinitionUpdate) -> Void] = []

    /// Nothing is left to be run.
    package var isFinished: Bool { model.unfinished == 0 }
  }

  package let contents: Observed<Contents>

  /// In a struct: a closure that is itself the mutex's value gets a thunk more with every access.
  private struct Hooks {
    var fault: @Sendable (Operation) -> StoreError? = { _ in nil }
    var afterDue: @Sendable () async -> Void = {}
  }

  private let hooks = Mutex(Hooks())

  package init(_ model: StoreModel = StoreModel()) {
    contents = Observed(Contents(model: model))
  }

  package convenience init(limits: ModelLimits) {
    self.init(StoreModel(limits: limits))
  }

  package convenience init(reopening store: MemoryStore) {
    self.init(store.contents.read(\.model))
  }

  // MARK: Faults

  /// What `fault` returns for an operation is thrown, and nothing is written.
  package func fail(_ fault: @escaping @Sendable (Operation) -> StoreError?) {
    hooks.withLock { $0.fault = fault }
  }

  /// Ends the faults.
  package func work() {
    fail { _ in nil }
  }

  /// Called when a page of due work was read, before it is returned.
  package func afterDue(_ hook: @escaping @Sendable () async -> Void) {
    hooks.withLock { $0.afterDue = hook }
  }

  func dueWasRead() async {
    await hooks.withLock(\.afterDue)()
  }

  func check(_ operation: Operation) throws(StoreError) {
    if let error = hooks.withLock(\.fault)(operation) { throw error }
    if contents.read(\.isClosed) { throw .closed }
  }

  // MARK: Looking in

  package subscript(id: InvocationID) -> Invocation? {
    contents.read { $0.model.invocation(id) }
  }

  /// Returns once all invocations, in no order, are as `isMet` says. It looks at all of them after
  /// every write: for small tests.
  package func until(_ isMet: @escaping @Sendable ([Invocation]) -> Bool) async {
    await contents.until { isMet($0.model.invocations) }
  }

  /// Accepts it in spite of all faults and bounds.
  @discardableResult
  package func insert(_ plan: TriggerPlan) -> Set<Int> {
    contents.update { $0.model.insert(plan) }
  }
}
