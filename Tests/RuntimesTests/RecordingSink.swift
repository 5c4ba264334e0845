import EventCore
import Synchronization

/// Keeps everything, and tells when it has come.
final class RecordingSink: OutputSink {
  private struct State {
    var bytes: [UInt8] = []
    var lines: [String] = []
    var waiters: [(bytes: Int, continuation: CheckedContinuation<Void, Never>)] = []
  }

  private let state = Mutex(State())

  var bytes: [UInt8] { state.withLock(\.bytes) }
  var text: String { String(decoding: bytes, as: UTF8.self) }
  var lines: [String] { state.withLock(\.lines) }

  func output(_ bytes: [UInt8]) {
    let met = state.withLock { state in
      state.bytes += bytes
      let count = state.bytes.count
      let met = state.waiters.filter { $0.bytes <= count }.map(\.continuation)
      state.waiters.removeAll { $0.bytes <= count }
      return met
    }
    for continuation in met { continuation.resume() }
  }

  func log(_ line: String) {
    state.withLock { $0.lines.append(line) }
  }

  /// Nothing more comes: nobody is to wait for it.
  func close() {
    let waiters = state.withLock { state in
      defer { state.waiters = [] }
      return state.waiters.map(\.continuation)
    }
    for waiter in waiters { waiter.resume() }
  }

  /// Returns when so many have come, or on `close`.
  func has(bytes: Int) async {
    await withCheckedContinuation { continuation in
      let isMet = state.withLock { state in
        if state.bytes.count < bytes { state.waiters.append((bytes, continuation)) }
        return state.bytes.count >= bytes
      }
      if isMet { continuation.resume() }
    }
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
