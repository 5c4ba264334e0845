package import EventCore
import Synchronization
import Testing

/// One thing that every store must do, as a sentence and a test of it.
///
/// A store's tests run all of them, each on a fresh place:
/// ```swift
/// @Test(arguments: ConformanceCase.all)
/// func `the store conforms`(_ conformance: ConformanceCase) async throws {
///   try await conformance.run { limits in try MyStore.open(somewhereNew, limits) }
/// }
/// ```
package struct ConformanceCase: Sendable, CustomTestStringConvertible {
  package let testDescription: String
  private let limits: ConformanceLimits
  private let body: @Sendable (StoreUnderTest) async throws -> Void

  init(
    _ sentence: String, limits: ConformanceLimits = ConformanceLimits(),
    _ body: @escaping @Sendable (StoreUnderTest) async throws -> Void
  ) {
    testDescription = sentence
    self.limits = limits
    self.body = body
  }

  /// - Parameter open: opens the store with these limits; called again to reopen it, with everything
  ///   it had.
  package func run(
    _ open: @escaping @Sendable (ConformanceLimits) async throws -> any EventStore
  ) async throws {
    let limits = limits
    let reopen: @Sendable () async throws -> any EventStore = { try await open(limits) }
    let test = StoreUnderTest(try await reopen(), reopen)
    do {
      try await body(test)
    } catch {
      await test.store.close()
      throw error
    }
    await test.store.close()
  }

  package static let all: [ConformanceCase] =
    definitions + executions + upkeep + lifecycle

  private static let definitions =
    changes + references + requests + observers + definitionPages + receivedTimes
    + groupDefinitions + schemaRevisions
  private static let executions =
    triggers + acceptMany + triggerPages + invocations + invocationPages + filters + work + dueWork
    + order + groups + groupEnds + deadLetters + cancels + redrives + concurrencyKeys + priorities
  private static let upkeep =
    pauses + backlogs + deadlines + retention + changeLog + changeFilters
}

/// What a case needs a store to be opened with.
package struct ConformanceLimits: Sendable {
  package var backlogPerFunctionMax = Limits.backlogPerFunctionMax
  package var backlogPerOrganizationMax = Limits.backlogMax / 2
  package var backlogMax = Limits.backlogMax
}

/// The store that a case is about.
final class StoreUnderTest: Sendable {
  private let current: Mutex<any EventStore>
  private let open: @Sendable () async throws -> any EventStore

  init(_ store: any EventStore, _ open: @escaping @Sendable () async throws -> any EventStore) {
    current = Mutex(store)
    self.open = open
  }

  var store: any EventStore { current.withLock { $0 } }

  /// Closes it and opens it again on the same data.
  func reopen() async throws {
    await store.close()
    let next = try await open()
    current.withLock { $0 = next }
  }
}
