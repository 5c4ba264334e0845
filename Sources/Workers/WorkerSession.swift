package import EventCore

/// Names a worker's session; made up by the worker, and its own in its organization only.
package struct SessionKey: Hashable, Sendable {
  package let organization: Organization
  package let name: String

  package init(organization: Organization, name: String) {
    self.organization = organization
    self.name = name
  }
}

/// A worker, from its first stream until its grace period is over.
struct WorkerSession {
  let worker: String
  var lanes: [Lane]
  /// How many streams it has had; what an earlier one still says does not count.
  var stream: UInt64
  /// Nil while it is not connected.
  var line: WorkerLine?
  /// Until when it may come back.
  var graceEnd: ContinuousClock.Instant?
  var credit = 0
  var isDraining = false
  var leases: Set<UInt64> = []
  /// The lanes in whose queues of free workers it is.
  var queuedIn: Set<Lane> = []
  /// Leases that were settled while nobody could be told; the oldest first.
  var settled: [UInt64] = []

  init(worker: String, lanes: [Lane], stream: UInt64, line: WorkerLine) {
    self.worker = worker
    self.lanes = lanes
    self.stream = stream
    self.line = line
  }

  mutating func attach(_ line: WorkerLine, stream: UInt64, lanes: [Lane]) {
    self.line = line
    self.stream = stream
    self.lanes = lanes
    graceEnd = nil
    isDraining = false
  }

  var canTake: Bool { line != nil && credit > 0 && !isDraining }
}

/// One attempt at a worker.
struct WorkerAssignment {
  enum Phase {
    /// The attempt has a place, and has not begun.
    case reserved
    /// The worker may not have got it: it is told again when it reconnects.
    case assigned(AttemptRequest, startBy: ContinuousClock.Instant)
    case started
    /// Its result is being recorded.
    case reported
  }

  let session: SessionKey
  let lane: Lane
  let place: UInt64
  var phase = Phase.reserved
  var isCancelled = false
  /// Bytes of output that have come.
  var outputBytes: UInt64 = 0
  var attempt: RunningAssignment?
}

/// Who waits for an assignment's end, and takes what comes of it. Resumed once: by the `.finish` of
/// the decision that takes it out of its lease. A checked continuation costs as much as the decision.
struct RunningAssignment {
  let sink: any OutputSink
  let continuation: UnsafeContinuation<AssignmentEnd, Never>
}

enum AssignmentEnd: Sendable {
  case result(AttemptResult)
  /// It did not start: another worker may have it.
  case notStarted
  /// Its worker is gone, and may have done part of it.
  case lost(worker: String)
  case cancelled
}
