import EventCore
import Synchronization

/// Takes the output and logs of one attempt: keeps what is stored with the invocation, and passes
/// it on to whoever watches the trigger.
final class AttemptRecorder: OutputSink {
  private struct State {
    var output: [UInt8] = []
    var hasOutput = false
    var isTruncated = false
    /// Of all attempts.
    var logs: [LogLine]
  }

  private let invocationID: InvocationID
  private let trigger: Trigger
  private let attempt: Int32
  private let clock: any PoolClock
  private let board: WatchBoard
  private let state: Mutex<State>

  init(
    of invocation: Invocation, _ trigger: Trigger, attempt: Int32, clock: any PoolClock,
    board: WatchBoard
  ) {
    invocationID = invocation.id
    self.trigger = trigger
    self.attempt = attempt
    self.clock = clock
    self.board = board
    state = Mutex(State(logs: invocation.logs))
  }

  func output(_ bytes: [UInt8]) { take(bytes, waking: true) }

  func lastOutput(_ bytes: [UInt8]) { take(bytes, waking: false) }

  private func take(_ bytes: [UInt8], waking: Bool) {
    let (kept, offset) = state.withLock { state in
      let offset = state.output.count
      let kept = bytes.prefix(Limits.outputBytesMax - offset)
      state.output.append(contentsOf: kept)
      state.hasOutput = true
      if kept.count < bytes.count { state.isTruncated = true }
      return (kept, offset)
    }
    guard !kept.isEmpty else { return }
    board.tell(
      .output(
        invocationID, attempt: attempt, offset: offset,
        bytes: kept.count == bytes.count ? bytes : Array(kept)),
      of: trigger.triggerID, in: trigger.organization, waking: waking)
  }

  func log(_ line: String) {
    let line = LogLine(
      time: clock.now(), attempt: attempt,
      text: line.withoutNUL.cut(toBytes: Limits.logLineBytesMax))
    state.withLock { state in
      if state.logs.count == Limits.logLinesMax { state.logs.removeFirst() }
      state.logs.append(line)
    }
    board.tell(.log(invocationID, line), of: trigger.triggerID, in: trigger.organization)
  }

  /// Puts what was kept into the invocation. An attempt that wrote nothing leaves no output, or an
  /// earlier attempt's would pass for its own.
  ///
  /// - Parameter dataType: as the function said it; what is no MIME type counts as none.
  func write(into invocation: inout Invocation, dataType: String) {
    let isUsable = dataType.utf8.count <= Limits.dataTypeBytesMax && Payload.isDataType(dataType)
    let dataType = isUsable ? dataType : ""
    state.withLock { state in
      invocation.logs = state.logs
      invocation.output =
        state.hasOutput
        ? Output(
          payload: Payload(data: state.output, dataType: dataType), isTruncated: state.isTruncated)
        : nil
    }
  }
}

extension String {
  /// A text field of the contract ends at a NUL: what follows would be lost.
  var withoutNUL: String {
    utf8.contains(0) ? replacing("\0", with: "\u{FFFD}") : self
  }
}
