package import EventCore

/// A worker's end of its stream, from Hello on. Every method may be called from any task.
package struct ConnectedWorker: Sendable {
  private let hub: WorkerHub
  private let key: SessionKey
  private let stream: UInt64

  /// What it is to do, in order. Ends when its work is done after a drain, and when another stream
  /// takes over its session.
  package let orders: WorkerOrders

  /// Leases that it has from an earlier stream.
  package let leases: [UInt64]

  /// - Throws: QUOTA if there are too many workers.
  package init(
    _ key: SessionKey, worker: String, functionIDs: [String], at hub: WorkerHub
  ) throws(GatewayError) {
    let line = WorkerLine()
    var seen: Set<String> = []
    let lanes = functionIDs.filter { seen.insert($0).inserted }.map { Lane(key.organization, $0) }
    guard
      let connected = hub.decide({ $0.connect(key, worker: worker, lanes: lanes, line) })
    else {
      throw GatewayError(
        .quota, "the gateway has \(WorkerLimits.sessionsMax) workers, as many as it takes",
        retryAfter: .seconds(10))
    }
    hub.perform(connected.effects)
    self.hub = hub
    self.key = key
    stream = connected.stream
    orders = WorkerOrders(line: line)
    leases = connected.leases
  }

  /// The stream is gone.
  package func disconnect() {
    hub.decide { [hub] in
      $0.disconnect(key, stream: stream, graceEnd: .now + hub.times.gracePeriod)
    }
  }

  /// - Throws: FIELD_INVALID if that is not positive or more than allowed.
  package func addCredit(_ count: Int) throws(GatewayError) {
    guard let effects = hub.decide({ $0.addCredit(count, of: key, stream: stream) }) else {
      throw .invalid(
        "credit.count",
        "is \(count); it must be at least 1, and \(WorkerLimits.creditMax) with what is left")
    }
    hub.perform(effects)
  }

  package func drain() {
    hub.act { $0.drain(key, stream: stream) }
  }

  package func started(_ lease: UInt64) {
    hub.decide { $0.start(lease, of: key, stream: stream) }
  }

  /// - Parameter offset: of the first byte in all of the output; what is known already is dropped.
  /// - Throws: FIELD_INVALID if output before it is missing.
  package func progress(
    _ lease: UInt64, offset: UInt64, _ output: [UInt8], logs: [String]
  ) throws(GatewayError) {
    let progress = hub.decide {
      $0.progress(lease, of: key, stream: stream, offset: offset, count: output.count)
    }
    switch progress {
    case .lost: break
    case .missing(let count):
      throw .invalid("progress.offset", "is \(offset); \(count) bytes of output have come")
    case .taken(let sink, let fresh):
      if fresh > 0 { sink.output(Array(output.suffix(fresh))) }
      for line in logs { sink.log(line) }
    }
  }

  /// What became of a result that a worker sent.
  package enum Reception: Sendable {
    /// The order `settle` will say when it is durable.
    case taken
    /// It was durable already.
    case settled
    /// The lease is lost.
    case refused
  }

  /// - Parameter output: what Progress has not sent; nil for nothing.
  package func report(_ lease: UInt64, _ result: AttemptResult, output: [UInt8]?) -> Reception {
    switch hub.decide({ $0.report(lease, of: key, stream: stream, result) }) {
    case .lost: return .refused
    case .settled: return .settled
    case .known: return .taken
    case .taken(let sink, let effects):
      if let output { sink.lastOutput(output) }
      hub.perform(effects)
      return .taken
    }
  }
}
