import EventCore
import Synchronization

/// The direct runs that there are, those that wait for their turn included, bounded by what they hold.
final class DirectRuns: Sendable {
  private struct State {
    var tasks: [CallerLine.Ticket: Task<Void, Never>] = [:]
    var bytes = 0
    var lastTicket: CallerLine.Ticket = 0
    var isClosed = false
  }

  private let state = Mutex(State())

  var bytes: Int { state.withLock(\.bytes) }

  /// Starts a run, under a number of its own.
  ///
  /// - Throws: DRAINING or QUEUE_FULL.
  func start(
    _ run: DirectRun, bytes: Int,
    _ body: @escaping @Sendable (CallerLine.Ticket) async -> DirectRun.End
  ) throws(GatewayError) {
    let weight = ExecutorLimits.callerBytes + bytes
    let refusal = state.withLock { state -> GatewayError? in
      if state.isClosed { return .poolClosed }
      guard state.bytes + weight <= ExecutorLimits.callersBytesMax else { return .callersFull }
      state.bytes += weight
      state.lastTicket += 1
      let ticket = state.lastTicket
      // It can't end before it is here: that waits for the lock.
      state.tasks[ticket] = run.start { [self] in
        let end = await body(ticket)
        leave(ticket, weight)
        return end
      }
      return nil
    }
    if let refusal { throw refusal }
  }

  private func leave(_ ticket: CallerLine.Ticket, _ weight: Int) {
    state.withLock { state in
      state.tasks[ticket] = nil
      state.bytes -= weight
    }
  }

  /// Starts nothing any more.
  ///
  /// - Returns: those that run.
  func close() -> [Task<Void, Never>] {
    state.withLock { state in
      state.isClosed = true
      return Array(state.tasks.values)
    }
  }
}

extension GatewayError {
  static let poolClosed = GatewayError(
    .draining, "the gateway is shutting down; the function was not run", retryAfter: .seconds(1))

  static let callersFull = GatewayError(
    .queueFull, "too many calls wait to run functions directly; this one did not run",
    retryAfter: .seconds(1))
}
