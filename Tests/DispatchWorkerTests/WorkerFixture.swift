import EventCore
import Messages

@testable import DispatchWorker

/// A conversation, with what goes in and what comes out written briefly.
struct WorkerFixture {
  var conversation: Conversation
  var now = ContinuousClock.now

  init(concurrency: Int) {
    conversation = Conversation(
      worker: "w", session: "s", functionIDs: ["f", "g"], concurrency: concurrency)
  }

  // MARK: In

  /// Connects, and is welcome.
  mutating func begin() { reconnect(leases: []) }

  /// Without what is said until Welcome.
  @discardableResult
  mutating func reconnect(leases: [UInt64]) -> [String] {
    conversation.connect(at: now)
    _ = conversation.next()
    return welcome(leases: leases)
  }

  @discardableResult
  mutating func welcome(
    leases: [UInt64] = [], pingInterval: Duration = .seconds(10)
  ) -> [String] {
    var welcome = WorkerWelcome()
    welcome.leases = leases
    welcome.pingInterval = pingInterval
    return receive(.welcome(welcome))
  }

  @discardableResult
  mutating func assign(_ lease: UInt64) -> [String] {
    var assignment = WorkerAssignment()
    assignment.lease = lease
    assignment.functionID = "f"
    return receive(.assignment(assignment))
  }

  @discardableResult
  mutating func cancel(_ lease: UInt64) -> [String] {
    var cancel = WorkerCancel()
    cancel.lease = lease
    return receive(.cancel(cancel))
  }

  mutating func acknowledge(_ lease: UInt64) {
    receive(.resultAck(WorkerResultAck(lease, isAccepted: true)))
  }

  mutating func finish(
    _ lease: UInt64, _ outcome: Result<FunctionOutput?, FunctionError> = .success(nil)
  ) {
    conversation.finish(lease, outcome)
  }

  @discardableResult
  mutating func receive(_ content: GatewayMessage.Content) -> [String] {
    conversation.receive(GatewayMessage(content), at: now).map { action in
      switch action {
      case .start(let assignment): "start \(assignment.lease)"
      case .stop(let lease, _): "stop \(lease)"
      }
    }
  }

  // MARK: Out

  /// All that there is to say now.
  mutating func contents() -> [WorkerMessage.Content] {
    var all: [WorkerMessage.Content] = []
    while let content = conversation.next() { all.append(content) }
    return all
  }

  mutating func said() -> [String] { contents().map(\.brief) }
}

extension WorkerMessage.Content {
  fileprivate var brief: String {
    switch self {
    case .hello(let hello): "hello \(hello.session) \(hello.functionIDs.joined(separator: ","))"
    case .credit(let credit): "credit \(credit.count)"
    case .started(let started): "started \(started.lease)"
    case .progress(let progress):
      "progress \(progress.lease) \(progress.offset) \(text(progress.output))"
        + " [\(progress.logs.map(\.text).joined(separator: "|"))]"
    case .result(let result):
      "result \(result.lease)"
        + (result.output.map { " \(text($0.payload.data)) \($0.payload.dataType)" } ?? "")
    case .ping(let ping): "pong \(ping.number)"
    case .drain: "drain"
    }
  }

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
