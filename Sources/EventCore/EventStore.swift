/// Where definitions, triggers and invocations are kept. The store is the truth: everything else
/// that the gateway holds can be rebuilt from it.
///
/// A method that writes returns once what it wrote is durable, and throws if it may not be. Methods
/// may be called from any task; each store passes the suite in Tests/StoreConformance.
package protocol EventStore: Sendable {
  // MARK: Definitions

  /// Commits all of a transaction or nothing. Observers have seen it before this returns.
  func commit(_ transaction: DefinitionTransaction) async throws(StoreError) -> DefinitionOutcome

  /// Events come with `receivedAt`.
  func definition(
    _ key: Definition.Key, in organization: Organization
  ) async throws(StoreError) -> Definition?

  /// In the order of their ids. Events come with `receivedAt`.
  func definitions(_ query: DefinitionQuery) async throws(StoreError) -> Page<Definition>

  /// Replays what is there, then tells every commit in its order, until the store is closed.
  ///
  /// The observer is called on the store's own thread: it must be quick and must not call back.
  func observeDefinitions(
    _ observer: @escaping @Sendable (DefinitionUpdate) -> Void
  ) async throws(StoreError)

  // MARK: Triggers

  /// Makes a trigger and its invocations durable in one commit.
  ///
  /// - Parameter invocations: PENDING, their ordinals 0, 1, 2…
  func accept(
    _ trigger: Trigger, _ invocations: [Invocation]
  ) async throws(StoreError) -> AcceptOutcome

  func trigger(
    _ id: UniqueID, in organization: Organization
  ) async throws(StoreError) -> StoredTrigger?

  /// Newest first.
  func triggers(_ query: TriggerQuery) async throws(StoreError) -> Page<StoredTrigger>

  func invocation(
    _ id: InvocationID, in organization: Organization
  ) async throws(StoreError) -> Invocation?

  /// Newest trigger first, within a trigger by ordinal.
  func invocations(_ query: InvocationQuery) async throws(StoreError) -> Page<Invocation>

  // MARK: Work

  /// The functions that have unfinished invocations.
  func lanes() async throws(StoreError) -> [Lane]

  /// Invocations of a function that are due at `now`, the longest due first, with their triggers.
  func due(_ lane: Lane, at now: Timestamp, limit: Int) async throws(StoreError) -> DueWork

  /// Replaces an unfinished invocation by its state after an attempt.
  ///
  /// - Returns: false if the stored one is already finished or gone; nothing was written then.
  func record(_ invocation: Invocation) async throws(StoreError) -> Bool

  /// Commits what waits, then closes. Later calls throw `StoreError.closed`.
  func close() async
}

/// What became of a trigger that was to be accepted.
package enum AcceptOutcome: Hashable, Sendable {
  case accepted
  /// The same request came before (`Trigger.requestID`): this is what it made.
  case duplicate(StoredTrigger)
  /// The request id came before with another payload.
  case conflict(UniqueID)
}

/// A trigger and how far its invocations are.
package struct StoredTrigger: Hashable, Sendable {
  package var trigger: Trigger
  package var tally: InvocationTally

  package init(_ trigger: Trigger, _ tally: InvocationTally) {
    self.trigger = trigger
    self.tally = tally
  }
}

/// One function of one organization: the unit in which work is taken.
package struct Lane: Hashable, Sendable {
  package var organization: Organization
  package var functionID: String

  package init(_ organization: Organization, _ functionID: String) {
    self.organization = organization
    self.functionID = functionID
  }
}

/// An invocation to run, with the trigger it is for.
package struct Assignment: Hashable, Sendable {
  package var trigger: Trigger
  package var invocation: Invocation

  package init(_ trigger: Trigger, _ invocation: Invocation) {
    self.trigger = trigger
    self.invocation = invocation
  }
}

package struct DueWork: Hashable, Sendable {
  package var assignments: [Assignment]
  /// When the next one that is not due yet will be; nil if there is none.
  package var nextDueTime: Timestamp?

  package init(assignments: [Assignment] = [], nextDueTime: Timestamp? = nil) {
    self.assignments = assignments
    self.nextDueTime = nextDueTime
  }
}

/// Why a store could not do what it was asked; nothing was acknowledged.
package enum StoreError: Error, Hashable, Sendable {
  /// Its queue is full; try again after `retryAfter`.
  case overloaded(retryAfter: Duration)
  /// The disk is full, the file is damaged or locked, the cluster is away: says which, and what to
  /// do about it.
  case unavailable(String)
  case closed
}
