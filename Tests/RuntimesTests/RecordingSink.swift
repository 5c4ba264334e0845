import EventCore
import Synchronization

/// Keeps everything.
final class RecordingSink: OutputSink {
  private struct State {
    var bytes: [UInt8] = []
    var lines: [String] = []
  }

  private let state = Mutex(State())

  var bytes: [UInt8] { state.withLock(\.bytes) }
  var text: String { String(decoding: bytes, as: UTF8.self) }
  var lines: [String] { state.withLock(\.lines) }

  func output(_ bytes: [UInt8]) {
    state.withLock { $0.bytes += bytes }
  }

  func log(_ line: String) {
    state.withLock { $0.lines.append(line) }
  }

  /// Returns when so many have come, or the test's time is over.
  func has(bytes: Int) async {
    while state.withLock(\.bytes.count) < bytes, !Task.isCancelled { await Task.yield() }
  }
}

extension AttemptResult {
  var error: InvocationError? {
    guard case .failed(let error) = outcome else { return nil }
    return error
  }
}

extension AttemptRequest {
  static func sample(
    _ target: Function.Target, data: [UInt8] = [], dataType: String = "",
    metadata: [String: String] = [:], source: String = ""
  ) -> AttemptRequest {
    var function = Function()
    function.functionID = "f"
    function.target = target
    var trigger = Trigger()
    trigger.receivedAt = Timestamp(nanoseconds: 1_700_000_000_123_000_000)
    trigger.triggerID = UniqueID(at: trigger.receivedAt)
    trigger.event = "order.created"
    trigger.payload = Payload(data: data, dataType: dataType)
    trigger.metadata = metadata
    trigger.source = source
    return AttemptRequest(
      function: function, trigger: trigger, subscriptionID: "s",
      invocationID: InvocationID(triggerID: trigger.triggerID, ordinal: 0), number: 3)
  }
}
