/// A group as it was when a trigger was accepted: what decides over the invocations of its members.
///
/// Decisions are pure: `next` says from the members' states alone what is to happen, so a store can
/// ask after every change, in the transaction that makes it, and a crash in between changes nothing.
package struct GroupPlan: Hashable, Codable, Sendable {
  package var groupID: String
  package var strategy: SubscriptionGroup.Strategy
  package var onFailure: SubscriptionGroup.OnFailure
  /// How many members must succeed, of those that take part.
  package var needed: Int
  package var pipesOutput: Bool
  /// When what has not finished fails; nil for never.
  package var deadline: Timestamp?
  /// The ordinals of all members' invocations, in the group's order.
  package var members: [Int]

  /// For stores, which keep it in a form of their own.
  package init(
    groupID: String, strategy: SubscriptionGroup.Strategy, onFailure: SubscriptionGroup.OnFailure,
    needed: Int, pipesOutput: Bool, deadline: Timestamp?, members: [Int]
  ) {
    self.groupID = groupID
    self.strategy = strategy
    self.onFailure = onFailure
    self.needed = needed
    self.pipesOutput = pipesOutput
    self.deadline = deadline
    self.members = members
  }

  /// A member's invocation, as far as decisions need it.
  package struct Member: Hashable, Sendable {
    package var state: Invocation.State
    /// It waits for the strategy: `Invocation.Holds.group`.
    package var isHeld: Bool
    /// It runs now or has had an attempt.
    package var hasStarted: Bool

    package init(_ state: Invocation.State, isHeld: Bool = false, hasStarted: Bool = false) {
      self.state = state
      self.isHeld = isHeld
      self.hasStarted = hasStarted
    }
  }

  /// What is to happen to a member, by its index in `members`.
  package enum Decision: Hashable, Sendable {
    /// Its turn has come.
    case release(Int)
    /// The strategy does not need it.
    case skip(Int)
    /// It is stopped, for another one failed or enough have succeeded.
    case cancel(Int)
  }

  /// To be asked whenever a member has finished; a retry is no reason to.
  ///
  /// - Parameter states: of all members, in the order of `members`.
  /// - Returns: nothing when all is as it should be; after the decisions are applied it returns
  ///   nothing until another member finishes.
  package func next(_ states: [Member]) -> [Decision] {
    precondition(states.count == members.count, "the states of other members")
    if isSettled(states) { return states.indices.compactMap { dismiss($0, states[$0]) } }
    guard isSequential, let turn = states.firstIndex(where: { !$0.state.isTerminal }),
      states[turn].isHeld
    else { return [] }
    return [.release(turn)]
  }

  /// Nil until every member has finished.
  package func outcome(_ states: [Invocation.State]) -> Trigger.State? {
    Self.outcome(states.reduce(into: InvocationTally()) { $0[$1] += 1 }, needed: needed)
  }

  /// - Parameter tally: of all members.
  package static func outcome(_ tally: InvocationTally, needed: Int) -> Trigger.State? {
    guard tally.unfinished.total == 0 else { return nil }
    if tally[.succeeded] >= needed { return .succeeded }
    return tally[.cancelled] > 0 && tally[.failed] == 0 ? .cancelled : .failed
  }

  /// One member after another.
  package var isSequential: Bool { strategy == .sequence || strategy == .firstSuccess }

  /// The members that a redrive of one brings back: those that were skipped because of it. In a
  /// sequence they are held again.
  ///
  /// - Parameter member: the index of the one that is tried again.
  package func revived(by member: Int, _ states: [Invocation.State]) -> [Int] {
    guard strategy != .oneOf else { return [] }
    return states.indices.filter {
      states[$0] == .skipped && (!isSequential || $0 > member)
    }
  }

  /// The member whose output is this one's payload: the last before it that succeeded. Nil: it gets
  /// the trigger's.
  package func source(of member: Int, _ states: [Invocation.State]) -> Int? {
    guard pipesOutput else { return nil }
    return states[..<member].lastIndex(of: .succeeded)
  }

  /// Nothing more is to be started: enough succeeded, or one failed and that ends it.
  private func isSettled(_ states: [Member]) -> Bool {
    if states.count(where: { $0.state == .succeeded }) >= needed { return true }
    guard strategy == .parallel || strategy == .sequence, onFailure != .continue else {
      return false
    }
    return states.contains { $0.state == .failed || $0.state == .cancelled }
  }

  private func dismiss(_ index: Int, _ member: Member) -> Decision? {
    guard !member.state.isTerminal else { return nil }
    // What was redriven has had attempts, and may wait for its turn all the same: nobody would ever
    // release it.
    if !member.hasStarted || member.isHeld { return .skip(index) }
    return onFailure == .cancelRemaining ? .cancel(index) : nil
  }
}

extension GroupPlan {
  /// - Parameters:
  ///   - members: at least one, with the ordinals of their invocations.
  ///   - trigger: complete, with its times.
  package init(
    _ group: SubscriptionGroup, _ members: [(ordinal: Int, subscription: Subscription)],
    of trigger: Trigger
  ) {
    let ordered = members.sorted {
      ($0.subscription.order, $0.subscription.subscriptionID)
        < ($1.subscription.order, $1.subscription.subscriptionID)
    }
    groupID = group.groupID
    strategy = group.strategy
    onFailure = group.effectiveOnFailure
    pipesOutput = group.pipesOutput
    deadline = group.timeout.map { trigger.dueTime + $0 }
    self.members = ordered.map(\.ordinal)
    needed =
      switch (group.strategy, group.completion) {
      case (.firstSuccess, _), (.oneOf, _), (_, .any): 1
      case (_, .quorum): Int(group.quorum)
      case (_, .all): members.count
      }
  }

  /// The member that ONE_OF runs: by weight, and the same one for the same ordering key as long as
  /// the members and their weights stay; when they change, as few keys move as can be (weighted
  /// rendezvous hashing). Without a key each trigger draws anew.
  ///
  /// - Returns: an index in `subscriptions`.
  package static func choice(
    among subscriptions: [Subscription], for trigger: Trigger
  ) -> Int {
    let key = trigger.orderingKey.isEmpty ? trigger.triggerID.description : trigger.orderingKey
    let scores = subscriptions.map { $0.rendezvousScore(for: key) }
    return scores.indices.max { scores[$0] < scores[$1] } ?? 0
  }
}
