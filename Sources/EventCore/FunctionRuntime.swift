/// A way of running functions: by HTTP, as a local process, and so on.
package protocol FunctionRuntime: Sendable {
  /// Checks a function before it is stored, with what only the runtime knows, such as the
  /// directories that commands may be in.
  func validate(_ function: Function) throws(GatewayError)

  /// Runs one attempt and returns when nothing of it is left running.
  ///
  /// The caller bounds the time by cancelling the task; the runtime then stops the function (a
  /// process with its whole group) and returns what it has.
  nonisolated(nonsending) func run(_ attempt: AttemptRequest, into sink: any OutputSink) async
    -> AttemptResult

  /// Takes a place for an attempt of a function that runs only where somebody has room for it, before
  /// the attempt begins: what waits for a place takes no time of an attempt.
  func takePlace(in lane: Lane) -> RunPlace

  /// An attempt is over that had a place, whether it came to run or not.
  ///
  /// - Parameter isRecorded: whether its outcome is durable.
  func leavePlace(_ place: UInt64, isRecorded: Bool)
}

/// The answer to asking for a place.
package enum RunPlace: Hashable, Sendable {
  /// For `AttemptRequest.place`; never 0.
  case taken(UInt64)
  /// None is free: the pool is told when there is one (`ExecutorPool.placesFreed`).
  case busy
  /// The same, and nobody is there who could have one.
  case absent
}

extension FunctionRuntime {
  package func takePlace(in lane: Lane) -> RunPlace { .absent }
  package func leavePlace(_ place: UInt64, isRecorded: Bool) {}
}

/// One attempt to be made.
package struct AttemptRequest: Hashable, Sendable {
  package var function: Function
  package var trigger: Trigger
  /// Empty for a function that is run directly, by InvokeFunction.
  package var subscriptionID: String
  package var invocationID: InvocationID
  /// From 1.
  package var number: Int32
  /// What the function gets: the trigger's payload, or in a group that pipes, another's output.
  package var payload: Payload
  /// What `takePlace` gave; 0 for functions that need none.
  package var place: UInt64 = 0
  /// When the caller will stop it.
  package var deadline: Timestamp?

  package init(
    function: Function, trigger: Trigger, subscriptionID: String, invocationID: InvocationID,
    number: Int32, payload: Payload? = nil
  ) {
    self.function = function
    self.trigger = trigger
    self.subscriptionID = subscriptionID
    self.invocationID = invocationID
    self.number = number
    self.payload = payload ?? trigger.payload
  }

  /// The invocation's id as functions see it; empty for one that is run directly, of which nothing is
  /// stored.
  package var invocationName: String { subscriptionID.isEmpty ? "" : "\(invocationID)" }
}

/// What an attempt ended with; its output and logs went to the sink.
package struct AttemptResult: Hashable, Sendable {
  package var outcome: Invocation.AttemptOutcome
  /// The type of the output, if the function said one.
  package var dataType: String
  /// The function is gone and says so (HTTP's 410): the subscription is to be paused with this
  /// reason, so that its backlog waits for somebody who looks after it. Nil: it is not.
  package var pauseReason: String?
  /// The worker that ran it, if one did.
  package var worker = ""

  package init(
    _ outcome: Invocation.AttemptOutcome, dataType: String = "", pauseReason: String? = nil
  ) {
    self.outcome = outcome
    self.dataType = dataType
    self.pauseReason = pauseReason
  }
}

/// Takes what a running function writes. Bounds are the sink's matter: it keeps what it may and
/// drops the rest, so a runtime can pass on everything without waiting.
package protocol OutputSink: Sendable {
  func output(_ bytes: [UInt8])
  /// The last of the output, with which the attempt ends: nobody need be woken for it before.
  func lastOutput(_ bytes: [UInt8])
  /// One line without its end.
  func log(_ line: String)
}

extension OutputSink {
  package func lastOutput(_ bytes: [UInt8]) { output(bytes) }
}
