internal import CEventProtos
package import EventCore

/// What the gateway says to a worker.
package struct GatewayMessage: WireMessage {
  package enum Content: Sendable {
    case welcome(WorkerWelcome)
    case assignment(WorkerAssignment)
    case cancel(WorkerCancel)
    case resultAck(WorkerResultAck)
    case ping(WorkerPing)
    case goAway(WorkerGoAway)
  }

  package var content: Content?

  package init() {}

  package init(_ content: Content) {
    self.content = content
  }

  package static let coding = MessageCoding<GatewayMessage>(
    dispatch__events__v1__gateway_message__init
  ) {
    if !$2.isDecoding { $1.message_case = $0.messageCase }
    switch $1.message_case {
    case DISPATCH__EVENTS__V1__GATEWAY_MESSAGE__MESSAGE_WELCOME:
      $2.message(&$0.welcome, &$1.welcome, "welcome")
    case DISPATCH__EVENTS__V1__GATEWAY_MESSAGE__MESSAGE_ASSIGNMENT:
      $2.message(&$0.assignment, &$1.assignment, "assignment")
    case DISPATCH__EVENTS__V1__GATEWAY_MESSAGE__MESSAGE_CANCEL:
      $2.message(&$0.cancel, &$1.cancel, "cancel")
    case DISPATCH__EVENTS__V1__GATEWAY_MESSAGE__MESSAGE_RESULT_ACK:
      $2.message(&$0.resultAck, &$1.result_ack, "result_ack")
    case DISPATCH__EVENTS__V1__GATEWAY_MESSAGE__MESSAGE_PING:
      $2.message(&$0.ping, &$1.ping, "ping")
    case DISPATCH__EVENTS__V1__GATEWAY_MESSAGE__MESSAGE_GO_AWAY:
      $2.message(&$0.goAway, &$1.go_away, "go_away")
    default: break
    }
  }
}

/// The oneof's alternatives one by one, as the mapper moves them.
extension GatewayMessage {
  fileprivate var messageCase: Dispatch__Events__V1__GatewayMessage__MessageCase {
    switch content {
    case .welcome: DISPATCH__EVENTS__V1__GATEWAY_MESSAGE__MESSAGE_WELCOME
    case .assignment: DISPATCH__EVENTS__V1__GATEWAY_MESSAGE__MESSAGE_ASSIGNMENT
    case .cancel: DISPATCH__EVENTS__V1__GATEWAY_MESSAGE__MESSAGE_CANCEL
    case .resultAck: DISPATCH__EVENTS__V1__GATEWAY_MESSAGE__MESSAGE_RESULT_ACK
    case .ping: DISPATCH__EVENTS__V1__GATEWAY_MESSAGE__MESSAGE_PING
    case .goAway: DISPATCH__EVENTS__V1__GATEWAY_MESSAGE__MESSAGE_GO_AWAY
    case nil: DISPATCH__EVENTS__V1__GATEWAY_MESSAGE__MESSAGE__NOT_SET
    }
  }

  fileprivate var welcome: WorkerWelcome? {
    get { if case .welcome(let value) = content { value } else { nil } }
    set { if let newValue { content = .welcome(newValue) } }
  }

  fileprivate var assignment: WorkerAssignment? {
    get { if case .assignment(let value) = content { value } else { nil } }
    set { if let newValue { content = .assignment(newValue) } }
  }

  fileprivate var cancel: WorkerCancel? {
    get { if case .cancel(let value) = content { value } else { nil } }
    set { if let newValue { content = .cancel(newValue) } }
  }

  fileprivate var resultAck: WorkerResultAck? {
    get { if case .resultAck(let value) = content { value } else { nil } }
    set { if let newValue { content = .resultAck(newValue) } }
  }

  fileprivate var ping: WorkerPing? {
    get { if case .ping(let value) = content { value } else { nil } }
    set { if let newValue { content = .ping(newValue) } }
  }

  fileprivate var goAway: WorkerGoAway? {
    get { if case .goAway(let value) = content { value } else { nil } }
    set { if let newValue { content = .goAway(newValue) } }
  }
}

package struct WorkerWelcome: WireMessage {
  package var session = ""
  package var pingInterval = Duration.zero
  package var gracePeriod = Duration.zero
  package var leases: [UInt64] = []

  package init() {}

  package static let coding = MessageCoding<WorkerWelcome>(
    dispatch__events__v1__gateway_message__welcome__init
  ) {
    $2.string(&$0.session, &$1.session)
    $2.duration(&$0.pingInterval, &$1.ping_interval, "ping_interval")
    $2.duration(&$0.gracePeriod, &$1.grace_period, "grace_period")
    $2.numbers(&$0.leases, &$1.n_leases, &$1.leases)
  }
}

package struct WorkerAssignment: WireMessage {
  package var lease: UInt64 = 0
  package var invocationID = ""
  package var functionID = ""
  package var attempt: Int32 = 0
  package var deadline: Timestamp?
  package var trigger: StoredTrigger?
  package var subscriptionID = ""

  package init() {}

  package static let coding = MessageCoding<WorkerAssignment>(
    dispatch__events__v1__gateway_message__assignment__init
  ) {
    $2.number(&$0.lease, &$1.lease)
    $2.string(&$0.invocationID, &$1.invocation_id)
    $2.string(&$0.functionID, &$1.function_id)
    $2.number(&$0.attempt, &$1.attempt)
    $2.time(&$0.deadline, &$1.deadline, "deadline")
    $2.message(&$0.trigger, &$1.trigger, "trigger")
    $2.string(&$0.subscriptionID, &$1.subscription_id)
  }
}

package struct WorkerCancel: WireMessage {
  package var lease: UInt64 = 0
  package var reason = ""

  package init() {}

  package static let coding = MessageCoding<WorkerCancel>(
    dispatch__events__v1__gateway_message__cancel__init
  ) {
    $2.number(&$0.lease, &$1.lease)
    $2.string(&$0.reason, &$1.reason)
  }
}

package struct WorkerResultAck: WireMessage {
  package var lease: UInt64 = 0
  package var isAccepted = false

  package init() {}

  package init(_ lease: UInt64, isAccepted: Bool) {
    self.lease = lease
    self.isAccepted = isAccepted
  }

  package static let coding = MessageCoding<WorkerResultAck>(
    dispatch__events__v1__gateway_message__result_ack__init
  ) {
    $2.number(&$0.lease, &$1.lease)
    $2.bool(&$0.isAccepted, &$1.accepted)
  }
}

package struct WorkerGoAway: WireMessage {
  package var within = Duration.zero

  package init() {}

  package static let coding = MessageCoding<WorkerGoAway>(
    dispatch__events__v1__gateway_message__go_away__init
  ) {
    $2.duration(&$0.within, &$1.within, "within")
  }
}
