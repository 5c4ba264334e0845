import Dispatch
import EventCore
import SQLiteStore

/// Holds a store's writer between two transactions, so that a test says what the next one takes.
final class WriterGate: Sendable {
  private static let function = "gate"

  private let store: SQLiteStore
  private let opened = DispatchSemaphore(value: 0)
  private let holding: Task<Void, any Error>

  /// Returns once the writer stands still.
  init(_ store: SQLiteStore) async throws {
    self.store = store
    let (entered, enter) = AsyncStream<Void>.makeStream()
    let opened = opened
    try await store.observeDefinitions { update in
      guard case .put(.function(let function), _) = update, function.functionID == Self.function
      else { return }
      enter.finish()
      opened.wait()
    }
    holding = Task {
      var gate = Function()
      gate.functionID = Self.function
      let changes = [DefinitionChange.create(.function(gate))]
      _ = try await store.commit(DefinitionTransaction(in: Organization("gate"), changes))
    }
    for await _ in entered {}
  }

  /// Returns once so many writes wait.
  func waitUntilQueued(_ count: Int) async {
    while store.queuedWrites < count { await Task.yield() }
  }

  /// Lets the writer go on; returns once its current transaction has been acknowledged.
  func open() async throws {
    opened.signal()
    try await holding.value
  }
}
