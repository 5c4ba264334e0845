internal import CEventProtos
package import EventCore

/// What a worker says.
package struct WorkerMessage: WireMessage {
  package enum Content: Sendable {
    case hello(WorkerHello)
    case credit(WorkerCredit)
    case started(WorkerLease)
    case progress(WorkerProgress)
    case result(WorkerResult)
    case ping(WorkerPing)
    case drain
  }

  /// Nil: an alternative that this version does not know.
  package var content: Content?

  package init() {}

  package static let coding = MessageCoding<WorkerMessage>(
    dispatch__events__v1__worker_message__init
  ) {
    if $2.selects(
      &$1.message_case, DISPATCH__EVENTS__V1__WORKER_MESSAGE__MESSAGE_HELLO, $0.hello != nil)
    {
      $2.message(&$0.hello, &$1.hello, "hello")
    }
    if $2.selects(
      &$1.message_case, DISPATCH__EVENTS__V1__WORKER_MESSAGE__MESSAGE_CREDIT, $0.credit != nil)
    {
      $2.message(&$0.credit, &$1.credit, "credit")
    }
    if $2.selects(
      &$1.message_case, DISPATCH__EVENTS__V1__WORKER_MESSAGE__MESSAGE_STARTED, $0.started != nil)
    {
      $2.message(&$0.started, &$1.started, "started")
    }
    if $2.selects(
      &$1.message_case, DISPATCH__EVENTS__V1__WORKER_MESSAGE__MESSAGE_PROGRESS, $0.progress != nil)
    {
      $2.message(&$0.progress, &$1.progress, "progress")
    }
    if $2.selects(
      &$1.message_case, DISPATCH__EVENTS__V1__WORKER_MESSAGE__MESSAGE_RESULT, $0.result != nil)
    {
      $2.message(&$0.result, &$1.result, "result")
    }
    if $2.selects(
      &$1.message_case, DISPATCH__EVENTS__V1__WORKER_MESSAGE__MESSAGE_PING, $0.ping != nil)
    {
      $2.message(&$0.ping, &$1.ping, "ping")
    }
    if $2.selects(
      &$1.message_case, DISPATCH__EVENTS__V1__WORKER_MESSAGE__MESSAGE_DRAIN, $0.drain != nil)
    {
      $2.message(&$0.drain, &$1.drain, "drain")
    }
  }
}

/// The oneof's alternatives one by one, as the mapper moves them.
extension WorkerMessage {
  fileprivate var hello: WorkerHello? {
    get { if case .hello(let value) = content { value } else { nil } }
    set { if let newValue { content = .hello(newValue) } }
  }

  fileprivate var credit: WorkerCredit? {
    get { if case .credit(let value) = content { value } else { nil } }
    set { if let newValue { content = .credit(newValue) } }
  }

  fileprivate var started: WorkerLease? {
    get { if case .started(let value) = content { value } else { nil } }
    set { if let newValue { content = .started(newValue) } }
  }

  fileprivate var progress: WorkerProgress? {
    get { if case .progress(let value) = content { value } else { nil } }
    set { if let newValue { content = .progress(newValue) } }
  }

  fileprivate var result: WorkerResult? {
    get { if case .result(let value) = content { value } else { nil } }
    set { if let newValue { content = .result(newValue) } }
  }

  fileprivate var ping: WorkerPing? {
    get { if case .ping(let value) = content { value } else { nil } }
    set { if let newValue { content = .ping(newValue) } }
  }

  fileprivate var drain: WorkerDrain? {
    get { if case .drain = content { WorkerDrain() } else { nil } }
    set { if newValue != nil { content = .drain } }
  }
}

package struct WorkerHello: WireMessage {
  package var worker = ""
  package var session = ""
  package var functionIDs: [String] = []

  package init() {}

  package static let coding = MessageCoding<WorkerHello>(
    dispatch__events__v1__worker_message__hello__init
  ) {
    $2.string(&$0.worker, &$1.worker)
    $2.string(&$0.session, &$1.session)
    $2.strings(&$0.functionIDs, &$1.n_function_ids, &$1.function_ids)
  }
}

package struct WorkerCredit: WireMessage {
  package var count: Int32 = 0

  package init() {}

  package static let coding = MessageCoding<WorkerCredit>(
    dispatch__events__v1__worker_message__credit__init
  ) {
    $2.number(&$0.count, &$1.count)
  }
}

package struct WorkerLease: WireMessage {
  package var lease: UInt64 = 0

  package init() {}

  package static let coding = MessageCoding<WorkerLease>(
    dispatch__events__v1__worker_message__started__init
  ) {
    $2.number(&$0.lease, &$1.lease)
  }
}

package struct WorkerProgress: WireMessage {
  package var lease: UInt64 = 0
  package var offset: UInt64 = 0
  package var output: [UInt8] = []
  package var logs: [LogLine] = []

  package init() {}

  package static let coding = MessageCoding<WorkerProgress>(
    dispatch__events__v1__worker_message__progress__init
  ) {
    $2.number(&$0.lease, &$1.lease)
    $2.number(&$0.offset, &$1.offset)
    $2.bytes(&$0.output, &$1.output)
    $2.list(&$0.logs, &$1.n_logs, &$1.logs, "logs")
  }
}

package struct WorkerResult: WireMessage {
  package var lease: UInt64 = 0
  package var error: InvocationError?
  package var output: Output?

  package init() {}

  package static let coding = MessageCoding<WorkerResult>(
    dispatch__events__v1__worker_message__result__init
  ) {
    $2.number(&$0.lease, &$1.lease)
    $2.message(&$0.error, &$1.error, "error")
    $2.message(&$0.output, &$1.output, "output")
  }
}

private struct WorkerDrain: WireMessage {
  static let coding = MessageCoding<WorkerDrain>(
    dispatch__events__v1__worker_message__drain__init
  ) { _, _, _ in }
}

/// Both ways.
package struct WorkerPing: WireMessage {
  package var number: UInt64 = 0
  package var isAnswer = false

  package init() {}

  package init(_ number: UInt64, isAnswer: Bool = false) {
    self.number = number
    self.isAnswer = isAnswer
  }

  package static let coding = MessageCoding<WorkerPing>(dispatch__events__v1__ping__init) {
    $2.number(&$0.number, &$1.number)
    $2.bool(&$0.isAnswer, &$1.answer)
  }
}
