import EventCore
import Logging
import Testing

@testable import SQLiteStore

extension Logger {
  static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}

extension TemporaryDirectory {
  func open(
    limits: StoreLimits = StoreLimits(), on fileSystem: FaultyFileSystem? = nil
  ) throws(StoreError) -> SQLiteStore {
    try SQLiteStore.open(
      directory: path, limits: limits, fileSystem: fileSystem?.name, logger: .silent)
  }

  var databasePath: String { path + "/gateway.db" }

  /// Why the store can't be opened.
  func openingError(limits: StoreLimits = StoreLimits()) -> String? {
    do throws(StoreError) {
      _ = try open(limits: limits)
      return nil
    } catch {
      return error.text
    }
  }
}

extension StoreError {
  var text: String? {
    if case .unavailable(let text) = self { text } else { nil }
  }
}

extension Trigger {
  static func of(_ event: String = "e", bytes: Int = 2) -> Trigger {
    var trigger = Trigger()
    trigger.receivedAt = .now()
    trigger.triggerID = UniqueID(at: trigger.receivedAt)
    trigger.event = event
    trigger.payload = Payload(data: [UInt8](repeating: 0x20, count: bytes))
    return trigger
  }

  /// With one invocation.
  var plan: TriggerPlan {
    var plan = TriggerPlan(self)
    plan.invocations = [invocation()]
    return plan
  }

  func invocation(_ function: String = "f") -> Invocation {
    var invocation = Invocation()
    invocation.id = InvocationID(triggerID: triggerID, ordinal: 0)
    invocation.functionID = function
    invocation.subscriptionID = "s"
    return invocation
  }
}

extension Invocation {
  /// As after its first attempt.
  func ended(_ state: State = .succeeded, at time: Timestamp) -> Invocation {
    var next = self
    var attempt = Attempt()
    attempt.number = 1
    attempt.startTime = time
    attempt.endTime = time
    next.attempts = [attempt]
    next.state = state
    next.revision += 1
    return next
  }
}

extension SQLiteStore {
  /// Nothing runs.
  func record(_ invocation: Invocation) async throws -> Consequences? {
    try await record(invocation, in: .default, deadLetter: nil) { _ in nil }
  }

  /// What a person would find with a database shell.
  func rows(_ sql: StaticString) async throws -> Int64? {
    try await reads.read(of: nil) { (connection) throws(SQLiteError) in
      try connection.first(sql) { $0.integer(0) }
    }
  }

  /// Accepts a trigger with one invocation; nil if it worked, else the error.
  func acceptError(_ trigger: Trigger = .of()) async -> StoreError? {
    do throws(StoreError) {
      let outcome = try await accept(trigger.plan)
      #expect(outcome == .accepted(held: []))
      return nil
    } catch {
      return error
    }
  }

  func contains(_ trigger: Trigger) async throws -> Bool {
    try await self.trigger(trigger.triggerID, in: .default)?.trigger == trigger
  }

  func define(_ definition: Definition) async throws -> DefinitionOutcome {
    try await commit(DefinitionTransaction(in: .default, [.create(definition)]))
  }
}

extension Definition {
  static func function(_ id: String) -> Definition {
    var function = Function()
    function.functionID = id
    return .function(function)
  }
}
