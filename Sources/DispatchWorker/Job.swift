internal import EventCore
internal import Messages

/// One attempt, as a function sees it. The task that runs the function is cancelled when the gateway
/// wants no result any more; what is written then goes nowhere.
public struct Job: Sendable {
  /// What the function was called for.
  public struct Trigger: Hashable, Sendable {
    public let triggerID: String
    public let event: String

    /// Meant for this function: its subscription may have transformed it.
    public let data: [UInt8]
    public let dataType: String
    public let metadata: [String: String]

    /// Empty stands for `/organizations/ORG/events/EVENT`.
    public let source: String
    public let orderingKey: String

    /// When it was accepted, since the Unix epoch in UTC.
    public let receivedAt: Duration
  }

  public let functionID: String
  public let subscriptionID: String

  /// The same in every attempt: what a function does once, it does once for each.
  public let invocationID: String

  /// From 1.
  public let attempt: Int

  /// When the gateway gives the attempt up, by this machine's clock. It cancels the task then.
  public let deadline: ContinuousClock.Instant

  public let trigger: Trigger

  private let lease: UInt64
  private let state: WorkerState

  init(_ assignment: WorkerAssignment, _ state: WorkerState) {
    functionID = assignment.functionID
    subscriptionID = assignment.subscriptionID
    invocationID = assignment.invocationID
    attempt = Int(assignment.attempt)
    let left = assignment.deadline.map { $0 - .now() } ?? Limits.attemptTimeoutMax
    deadline = .now + left
    trigger = Trigger(assignment.trigger?.trigger ?? EventCore.Trigger())
    lease = assignment.lease
    self.state = state
  }

  /// The payload.
  public var data: [UInt8] { trigger.data }

  /// The payload as text; what is no UTF-8 is replaced.
  public var text: String { String(decoding: trigger.data, as: UTF8.self) }

  /// Adds to the output, and streams it to whoever watches the trigger. The gateway keeps 256 KiB.
  public func write(_ output: some Sequence<UInt8>) {
    state.converse { $0.write(output, for: lease) }
  }

  public func write(_ text: String) { write(text.utf8) }

  /// Shows a line to whoever watches the trigger, and keeps it with the invocation. At most 4 KiB of
  /// it are kept, and the latest 256 lines.
  public func log(_ line: String) {
    state.converse { $0.log(line, for: lease) }
  }
}

extension Job.Trigger {
  fileprivate init(_ trigger: EventCore.Trigger) {
    triggerID = "\(trigger.triggerID)"
    event = trigger.event
    data = trigger.payload.data
    dataType = trigger.payload.dataType
    metadata = trigger.metadata
    source = trigger.source
    orderingKey = trigger.orderingKey
    receivedAt = .nanoseconds(trigger.receivedAt.nanoseconds)
  }
}
