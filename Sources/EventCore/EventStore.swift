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

  /// Makes a trigger, its invocations and its groups durable in one commit.
  ///
  /// The store holds (`Invocation.Holds.order`) those whose subscription has an unfinished
  /// invocation with the same ordering key: the order of keys is the order of commits.
  nonisolated(nonsending) func accept(_ plan: TriggerPlan) async throws(StoreError) -> AcceptOutcome

  /// The same for many, in one commit and in their order, each with its own outcome. The caller bounds
  /// how much it is: others' commits wait for it.
  nonisolated(nonsending) func accept(_ plans: [TriggerPlan]) async throws(StoreError)
    -> [AcceptOutcome]

  func trigger(
    _ id: UniqueID, in organization: Organization
  ) async throws(StoreError) -> StoredTrigger?

  /// The one that came with this request id, as long as `accept` would answer with it.
  func trigger(
    ofRequest requestID: String, in organization: Organization
  ) async throws(StoreError) -> StoredTrigger?

  /// In the order of their commits, the newest first unless the query says otherwise.
  func triggers(_ query: TriggerQuery) async throws(StoreError) -> Page<StoredTrigger>

  func invocation(
    _ id: InvocationID, in organization: Organization
  ) async throws(StoreError) -> Invocation?

  /// Newest trigger first, within a trigger by ordinal.
  func invocations(_ query: InvocationQuery) async throws(StoreError) -> Page<Invocation>

  /// The log of changes: what has become of invocations since they were accepted, in the order of
  /// commits.
  func changes(_ query: ChangeQuery) async throws(StoreError) -> ChangePage

  // MARK: Work

  /// The functions that have unfinished invocations that nothing holds.
  func lanes() async throws(StoreError) -> [Lane]

  /// Invocations of a function that are due at `now` and that nothing holds, with their triggers.
  ///
  /// - Parameter known: to be left out, and not counted in `limit`.
  func due(
    _ lane: Lane, at now: Timestamp, limit: Int, without known: Set<InvocationID>,
    _ order: DueOrder
  ) async throws(StoreError) -> DueWork

  /// Replaces an unfinished invocation by its state after an attempt, and draws the consequences in
  /// the same commit: the next one of its ordering key is released, its group decides what is to
  /// happen to the other members, a dead letter triggers its event.
  ///
  /// - Parameters:
  ///   - invocation: one revision after the stored one, as `Invocation.after` makes it.
  ///   - deadLetter: a trigger to accept with it; only if the invocation is FAILED. One that follows
  ///     from another dead letter (`deadLetterHops` above 1) only within the backlog's bounds.
  ///   - running: what the pool runs, for the group's decisions.
  /// - Returns: nil if the stored one is finished, gone, or another revision by now (it was
  ///   cancelled and taken up again); nothing was written then.
  nonisolated(nonsending) func record(
    _ invocation: Invocation, in organization: Organization, deadLetter: TriggerPlan?,
    running: @escaping RunningCheck
  ) async throws(StoreError) -> Consequences?

  /// Ends what has not finished: CANCELLED, with `error`.
  ///
  /// - Returns: nil if there is no such trigger or invocation.
  func cancel(
    _ target: CancelTarget, in organization: Organization, _ error: InvocationError,
    at now: Timestamp, running: @escaping RunningCheck
  ) async throws(StoreError) -> Consequences?

  /// Takes up finished invocations again: those that are FAILED, CANCELLED or SKIPPED become PENDING
  /// (see `Invocation.redriven`, `GroupPlan.revived`), the others stay as they are.
  ///
  /// - Parameter ids: at most `Limits.pageSizeMax`.
  /// - Returns: in `changed` those that were taken up, and those that came back with them.
  func redrive(
    _ ids: [InvocationID], in organization: Organization, at now: Timestamp
  ) async throws(StoreError) -> Consequences

  /// Holds unfinished invocations of a lane, because as many of their concurrency keys run as may
  /// (`Invocation.Holds.key`); what has finished meanwhile stays as it is.
  func hold(_ keys: [InvocationID: ConcurrencyKey], in lane: Lane) async throws(StoreError)

  /// Releases invocations of a lane that are held for their concurrency key.
  func release(_ release: KeyRelease, in lane: Lane) async throws(StoreError) -> KeyReleased

  /// The functions that have invocations that are held for their concurrency key.
  func lanesWithHeldKeys() async throws(StoreError) -> [Lane]

  // MARK: Upkeep

  /// Holds an invocation because its subscription is paused; nothing happens if the subscription is
  /// not paused any more, or the invocation is finished.
  ///
  /// - Returns: whether it is held.
  nonisolated(nonsending) func park(_ id: InvocationID, in organization: Organization)
    async throws(StoreError) -> Bool

  /// Releases up to `limit` invocations that are held although their subscription is not paused, or
  /// is gone.
  func unpark(limit: Int) async throws(StoreError) -> Upkeep

  /// Ends the groups whose deadline has passed, up to `limit`: what runs or waits for a retry is
  /// FAILED with `InvocationError.groupTimeout`, what has not started SKIPPED.
  func expireGroups(
    at now: Timestamp, limit: Int, running: @escaping RunningCheck
  ) async throws(StoreError) -> Upkeep

  /// Removes up to `limit` finished triggers whose event's retention has passed, with all that
  /// belongs to them; those with a `requestID` not before `Limits.requestIDWindow` since they
  /// were made (`replayTime ?? receivedAt`). Triggers of an
  /// event that is gone have the default retention.
  func prune(at now: Timestamp, limit: Int) async throws(StoreError) -> Upkeep

  /// Commits what waits, then closes. Later calls throw `StoreError.closed`.
  func close() async
}

/// Says which attempt of an invocation runs at this moment. Called on the store's own thread, so it
/// must be quick.
package typealias RunningCheck = @Sendable (InvocationID) -> Attempt?

/// What became of a trigger that was to be accepted.
package enum AcceptOutcome: Hashable, Sendable {
  /// - Parameter held: the ordinals that the store holds for the order of their key.
  case accepted(held: Set<Int>)
  /// The same request came before (`Trigger.requestID`): this is what it made.
  case duplicate(StoredTrigger)
  /// The request id came before with another payload.
  case conflict(UniqueID)
  /// Too much is unfinished already; nothing was written.
  case full(BacklogScope)
}

/// Of what too much is unfinished.
package enum BacklogScope: Hashable, Sendable {
  case function(String)
  case organization
  /// Of all organizations together.
  case gateway
}

/// What a write changed besides what it was asked for.
package struct Consequences: Hashable, Sendable {
  /// Invocations as they are now: first those that the call was about, then those of which a group's
  /// strategy or a redrive made something else. Without output and logs of others than the recorded.
  package var changed: [Invocation]
  package var organization: Organization
  /// Something became due in these.
  package var lanes: Set<Lane>

  package init(
    _ changed: [Invocation] = [], in organization: Organization, lanes: Set<Lane> = []
  ) {
    self.changed = changed
    self.organization = organization
    self.lanes = lanes
  }
}

package enum CancelTarget: Hashable, Sendable {
  case trigger(UniqueID)
  case invocation(InvocationID)
}

/// What a batch of upkeep did.
package struct Upkeep: Hashable, Sendable {
  /// By organization, what changed and became due.
  package var consequences: [Consequences] = []
  /// How many it treated.
  package var count = 0
  /// When there will be more to do; nil if not before something else happens. Now or earlier: at
  /// once, for the limit was reached.
  package var next: Timestamp?

  package init() {}
}

/// A page of the log of changes.
package struct ChangeQuery: Hashable, Sendable {
  package var organization: Organization
  /// Only changes after this place; nil for those from now on.
  package var after: Int64?
  package var subscriptionID: String?
  package var functionID: String?
  package var event: String?
  /// Empty for any.
  package var states: Set<Invocation.State> = []
  package var limit: Int

  package init(in organization: Organization, after: Int64?, limit: Int) {
    self.organization = organization
    self.after = after
    self.limit = limit
  }
}

/// An invocation as a change left it.
package struct Change: Hashable, Sendable {
  /// Grows with every change.
  package var place: Int64
  /// Without output and logs.
  package var invocation: Invocation
  package var event: String

  package init(place: Int64, _ invocation: Invocation, of event: String) {
    self.place = place
    self.invocation = invocation
    self.event = event
  }
}

package struct ChangePage: Hashable, Sendable {
  /// Each invocation at its newest change only.
  package var changes: [Change]
  /// The last place that was looked at; the next page is after it.
  package var place: Int64
  /// There is more after it.
  package var hasMore: Bool
  /// What came right after the query's place is no longer kept.
  package var isExpired: Bool

  package init(place: Int64) {
    changes = []
    self.place = place
    hasMore = false
    isExpired = false
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
  /// The payload, if it is another member's output and not the trigger's (`GroupPlan.source`).
  package var input: Output?
  /// See `AttemptRequest.place`; set as it starts.
  package var place: UInt64 = 0
  /// What it counts for in its lane; set as it comes to it.
  package var key: ConcurrencyKey?

  package init(_ trigger: Trigger, _ invocation: Invocation, input: Output? = nil) {
    self.trigger = trigger
    self.invocation = invocation
    self.input = input
  }
}

/// Which of the due invocations come first.
package enum DueOrder: Hashable, Sendable {
  /// Those of the highest priority, and among them the longest due.
  ///
  /// - Parameter above: only those of a higher priority than this; nil for all.
  case priority(above: Int32?)
  /// The longest due, whatever their priority.
  case age
}

package struct DueWork: Hashable, Sendable {
  package var assignments: [Assignment]
  /// When the next one that is not due yet, and that nothing holds, will be; nil if there is none. Of
  /// those that were asked for.
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
  /// The task that read was cancelled.
  case cancelled
}
