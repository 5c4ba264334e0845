internal import CEventProtos
package import EventCore

/// dispatch.functions.v1.InvokeRequest: an attempt at a gRPC function.
package struct InvokeRequest: WireMessage {
  package var invocationID = ""
  package var functionID = ""
  package var subscriptionID = ""
  package var attempt: Int32 = 0
  package var deadline: Timestamp?
  package var trigger: StoredTrigger?
  package var organization = ""

  package init() {}

  package init(_ attempt: AttemptRequest) {
    invocationID = attempt.invocationName
    functionID = attempt.function.functionID
    subscriptionID = attempt.subscriptionID
    self.attempt = attempt.number
    deadline = attempt.deadline
    trigger = StoredTrigger(attempt)
    organization = attempt.trigger.organization.name
  }

  package static let coding = MessageCoding<InvokeRequest>(
    dispatch__functions__v1__invoke_request__init
  ) {
    $2.string(&$0.invocationID, &$1.invocation_id)
    $2.string(&$0.functionID, &$1.function_id)
    $2.string(&$0.subscriptionID, &$1.subscription_id)
    $2.number(&$0.attempt, &$1.attempt)
    $2.time(&$0.deadline, &$1.deadline, "deadline")
    $2.message(&$0.trigger, &$1.trigger, "trigger")
    $2.string(&$0.organization, &$1.organization)
  }
}

/// dispatch.functions.v1.InvokeResponse: something that a gRPC function says while it runs.
package struct InvokeResponse: WireMessage {
  package enum Content: Sendable {
    case output([UInt8])
    case log(String)
    case dataType(String)
    case failure(InvocationError)
  }

  /// Nil: an alternative that this version does not know.
  package var content: Content?

  package init() {}

  package init(_ content: Content) {
    self.content = content
  }

  package static let coding = MessageCoding<InvokeResponse>(
    dispatch__functions__v1__invoke_response__init
  ) {
    if $2.selects(
      &$1.message_case, DISPATCH__FUNCTIONS__V1__INVOKE_RESPONSE__MESSAGE_OUTPUT, $0.output != nil)
    {
      var output = $0.output ?? []
      $2.bytes(&output, &$1.output)
      $0.output = output
    }
    if $2.selects(
      &$1.message_case, DISPATCH__FUNCTIONS__V1__INVOKE_RESPONSE__MESSAGE_LOG, $0.log != nil)
    {
      $2.string(&$0.log, &$1.log)
    }
    if $2.selects(
      &$1.message_case, DISPATCH__FUNCTIONS__V1__INVOKE_RESPONSE__MESSAGE_DATA_TYPE,
      $0.dataType != nil)
    {
      $2.string(&$0.dataType, &$1.data_type)
    }
    if $2.selects(
      &$1.message_case, DISPATCH__FUNCTIONS__V1__INVOKE_RESPONSE__MESSAGE_FAILURE,
      $0.failure != nil)
    {
      $2.message(&$0.failure, &$1.failure, "failure")
    }
  }
}

/// The oneof's alternatives one by one, as the mapper moves them.
extension InvokeResponse {
  fileprivate var output: [UInt8]? {
    get { if case .output(let value) = content { value } else { nil } }
    set { if let newValue { content = .output(newValue) } }
  }

  fileprivate var log: String? {
    get { if case .log(let value) = content { value } else { nil } }
    set { if let newValue { content = .log(newValue) } }
  }

  fileprivate var dataType: String? {
    get { if case .dataType(let value) = content { value } else { nil } }
    set { if let newValue { content = .dataType(newValue) } }
  }

  fileprivate var failure: InvocationError? {
    get { if case .failure(let value) = content { value } else { nil } }
    set { if let newValue { content = .failure(newValue) } }
  }
}

extension StoredTrigger {
  /// As an attempt's function sees it, with the payload that is meant for it. What became of the
  /// trigger besides is not told: it is RUNNING.
  package init(_ attempt: AttemptRequest) {
    var trigger = attempt.trigger
    trigger.payload = attempt.payload
    self.init(trigger, InvocationTally(.running, count: 1))
  }
}
