internal import CEventProtos
package import EventCore

package struct InvokeFunctionRequest: WireMessage {
  package var functionID = ""
  package var payload = Payload()
  package var metadata: [String: String] = [:]
  package var event = ""
  package var timeout = Duration.seconds(30)

  package init() {}

  package static let coding = MessageCoding<InvokeFunctionRequest>(
    dispatch__events__v1__invoke_function_request__init
  ) {
    $2.string(&$0.functionID, &$1.function_id)
    $2.bytes(&$0.payload.data, &$1.data)
    $2.string(&$0.payload.dataType, &$1.data_type)
    $2.pairs(
      &$0.metadata, &$1.n_metadata, &$1.metadata,
      dispatch__events__v1__invoke_function_request__metadata_entry__init)
    $2.string(&$0.event, &$1.event)
    $2.duration(&$0.timeout, &$1.timeout, "timeout")
  }
}

/// One message of InvokeFunction's stream.
package struct InvokeFunctionResponse: WireMessage {
  package enum Update: Sendable {
    case started(FunctionStarted)
    case output(FunctionChunk)
    case log(LogLine)
    case result(FunctionResult)
    case keepAlive
  }

  /// Nil: an alternative that this version does not know.
  package var update: Update?

  package init() {}

  package init(_ update: Update) {
    self.update = update
  }

  package static let coding = MessageCoding<InvokeFunctionResponse>(
    dispatch__events__v1__invoke_function_response__init
  ) {
    if $2.selects(
      &$1.update_case, DISPATCH__EVENTS__V1__INVOKE_FUNCTION_RESPONSE__UPDATE_STARTED,
      $0.started != nil)
    {
      $2.message(&$0.started, &$1.started, "started")
    }
    if $2.selects(
      &$1.update_case, DISPATCH__EVENTS__V1__INVOKE_FUNCTION_RESPONSE__UPDATE_OUTPUT,
      $0.output != nil)
    {
      $2.message(&$0.output, &$1.output, "output")
    }
    if $2.selects(
      &$1.update_case, DISPATCH__EVENTS__V1__INVOKE_FUNCTION_RESPONSE__UPDATE_LOG, $0.log != nil)
    {
      $2.message(&$0.log, &$1.log, "log")
    }
    if $2.selects(
      &$1.update_case, DISPATCH__EVENTS__V1__INVOKE_FUNCTION_RESPONSE__UPDATE_RESULT,
      $0.result != nil)
    {
      $2.message(&$0.result, &$1.result, "result")
    }
    if $2.selects(
      &$1.update_case, DISPATCH__EVENTS__V1__INVOKE_FUNCTION_RESPONSE__UPDATE_KEEP_ALIVE,
      $0.keepAlive != nil)
    {
      $2.message(&$0.keepAlive, &$1.keep_alive, "keep_alive")
    }
  }
}

/// The oneof's alternatives one by one, as the mapper moves them.
extension InvokeFunctionResponse {
  fileprivate var started: FunctionStarted? {
    get { if case .started(let value) = update { value } else { nil } }
    set { if let newValue { update = .started(newValue) } }
  }

  fileprivate var output: FunctionChunk? {
    get { if case .output(let value) = update { value } else { nil } }
    set { if let newValue { update = .output(newValue) } }
  }

  fileprivate var log: LogLine? {
    get { if case .log(let value) = update { value } else { nil } }
    set { if let newValue { update = .log(newValue) } }
  }

  fileprivate var result: FunctionResult? {
    get { if case .result(let value) = update { value } else { nil } }
    set { if let newValue { update = .result(newValue) } }
  }

  fileprivate var keepAlive: KeepAlive? {
    get { if case .keepAlive = update { KeepAlive() } else { nil } }
    set { if newValue != nil { update = .keepAlive } }
  }
}

package struct FunctionStarted: WireMessage {
  package var id = ""

  package init() {}

  package static let coding = MessageCoding<FunctionStarted>(
    dispatch__events__v1__invoke_function_response__started__init
  ) {
    $2.string(&$0.id, &$1.id)
  }
}

package struct FunctionChunk: WireMessage {
  package var offset: UInt64 = 0
  package var data: [UInt8] = []

  package init() {}

  package static let coding = MessageCoding<FunctionChunk>(
    dispatch__events__v1__invoke_function_response__chunk__init
  ) {
    $2.number(&$0.offset, &$1.offset)
    $2.bytes(&$0.data, &$1.data)
  }
}

package struct FunctionResult: WireMessage {
  package var error: InvocationError?
  package var output: Output?
  package var runTime = Duration.zero
  package var worker = ""

  package init() {}

  package static let coding = MessageCoding<FunctionResult>(
    dispatch__events__v1__invoke_function_response__result__init
  ) {
    $2.message(&$0.error, &$1.error, "error")
    $2.message(&$0.output, &$1.output, "output")
    $2.duration(&$0.runTime, &$1.run_time, "run_time")
    $2.string(&$0.worker, &$1.worker)
  }
}
