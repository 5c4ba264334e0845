import AsyncHTTPClient
import EventCore
import NIOCore
import NIOHTTP1
import Synchronization

/// One request and its response: passes the body on as it comes, and gives up when a phase takes too
/// long. The client calls it on the task's event loop.
///
/// ```
/// connecting --> sending --> waiting --> answered
///     |                        |
///     | connect timeout        | response timeout
///     v                        v
///   failed                   failed
/// ```
final class HTTPExchange: HTTPClientResponseDelegate {
  typealias Response = HTTPOutcome
  typealias Task = HTTPClient.Task<HTTPOutcome>

  enum Phase: Comparable {
    case connecting, sending, waiting, answered
  }

  /// A phase took longer than the target allows.
  struct TimedOut: Error {
    let phase: Phase
    let time: Duration
  }

  private struct State {
    var phase = Phase.connecting
    var timer: Scheduled<Void>?
    /// Nobody waits any more.
    var isOver = false
    var outcome: HTTPOutcome?
    var bodyBytes = 0
  }

  /// There is more body than the sink keeps.
  private struct Enough: Error {}

  private let target: HTTPTarget
  private let sink: any OutputSink
  private let state = Mutex(State())

  init(_ target: HTTPTarget, into sink: any OutputSink) {
    self.target = target
    self.sink = sink
  }

  /// How far it came.
  var phase: Phase { state.withLock(\.phase) }

  /// Sends the request and waits for the end of the response, or until the task is cancelled, which
  /// closes the connection.
  func run(_ request: HTTPClient.Request, by client: HTTPClient) async throws -> HTTPOutcome {
    let task = client.execute(request: request, delegate: self)
    setTimer(target.connectTimeout, for: .connecting, task)
    defer { stopTimer { $0.isOver = true } }
    do {
      return try await withTaskCancellationHandler {
        try await task.get()
      } onCancel: {
        task.cancel()
      }
    } catch is Enough {
      return state.withLock(\.outcome)!
    }
  }

  // MARK: HTTPClientResponseDelegate

  func didSendRequestHead(task: Task, _ head: HTTPRequestHead) {
    enter(.sending)
  }

  func didSendRequest(task: Task) {
    enter(.waiting)
    if let time = target.responseTimeout { setTimer(time, for: .waiting, task) }
  }

  func didReceiveHead(task: Task, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
    enter(.answered)
    let outcome = HTTPOutcome(head.status, head.headers, now: .now())
    state.withLock { $0.outcome = outcome }
    return task.eventLoop.makeSucceededVoidFuture()
  }

  func didReceiveBodyPart(task: Task, _ buffer: ByteBuffer) -> EventLoopFuture<Void> {
    sink.output(Array(buffer.readableBytesView))
    let size = state.withLock { state in
      state.bodyBytes += buffer.readableBytes
      return state.bodyBytes
    }
    // Fails the task and closes the connection: the rest is not worth reading.
    guard size <= Limits.outputBytesMax else {
      return task.eventLoop.makeFailedFuture(Enough())
    }
    return task.eventLoop.makeSucceededVoidFuture()
  }

  func didFinishRequest(task: Task) throws -> HTTPOutcome {
    state.withLock(\.outcome)!
  }

  // MARK: Phases

  /// Never back: an answer may come while the request is still being sent.
  private func enter(_ phase: Phase) {
    stopTimer { $0.phase = max($0.phase, phase) }
  }

  private func setTimer(_ time: Duration, for phase: Phase, _ task: Task) {
    let timer = task.eventLoop.scheduleTask(in: .nanoseconds(time.wholeNanoseconds)) { [self] in
      if self.phase == phase { task.fail(reason: TimedOut(phase: phase, time: time)) }
    }
    let isNeeded = state.withLock { state in
      guard state.phase == phase, !state.isOver else { return false }
      state.timer = timer
      return true
    }
    if !isNeeded { timer.cancel() }
  }

  private func stopTimer(_ change: (inout State) -> Void) {
    let timer = state.withLock { state in
      change(&state)
      return state.timer.take()
    }
    timer?.cancel()
  }
}
