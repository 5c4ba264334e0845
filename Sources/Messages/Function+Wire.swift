internal import CEventProtos
package import EventCore

extension Function: WireMessage {
  package static let coding = MessageCoding<Function>(dispatch__events__v1__function__init) {
    $2.string(&$0.functionID, &$1.function_id)
    if $2.selects(&$1.target_case, DISPATCH__EVENTS__V1__FUNCTION__TARGET_HTTP, $0.http != nil) {
      $2.message(&$0.http, &$1.http, "http")
    }
    if $2.selects(
      &$1.target_case, DISPATCH__EVENTS__V1__FUNCTION__TARGET_PROCESS, $0.process != nil)
    {
      $2.message(&$0.process, &$1.process, "process")
    }
    $2.disabledKind($1.target_case == DISPATCH__EVENTS__V1__FUNCTION__TARGET_GRPC, "grpc")
    if $2.selects(&$1.target_case, DISPATCH__EVENTS__V1__FUNCTION__TARGET_WORKER, $0.worker != nil)
    {
      $2.message(&$0.worker, &$1.worker, "worker")
    }
    $2.message(&$0.flow, &$1.flow, "flow")
    $2.pairs(
      &$0.metadata, &$1.n_metadata, &$1.metadata,
      dispatch__events__v1__function__metadata_entry__init)
    $2.stamp(
      &$0.stamp, uid: &$1.uid, revision: &$1.revision, etag: &$1.etag, created: &$1.create_time,
      updated: &$1.update_time)
  }
}

extension Function {
  fileprivate var http: HTTPTarget? {
    get { if case .http(let target) = target { target } else { nil } }
    set { if let newValue { target = .http(newValue) } }
  }

  fileprivate var process: ProcessTarget? {
    get { if case .process(let target) = target { target } else { nil } }
    set { if let newValue { target = .process(newValue) } }
  }
}

extension Function {
  fileprivate var worker: WorkerTarget? {
    get { if case .worker(let target) = target { target } else { nil } }
    set { if let newValue { target = .worker(newValue) } }
  }
}

extension WorkerTarget: WireMessage {
  package static let coding = MessageCoding<WorkerTarget>(
    dispatch__events__v1__worker_target__init
  ) {
    $2.duration(&$0.startTimeout, &$1.start_timeout, "start_timeout")
  }
}

extension HTTPTarget: WireMessage {
  package static let coding = MessageCoding<HTTPTarget>(dispatch__events__v1__http_target__init) {
    $2.string(&$0.url, &$1.url)
    $2.pairs(
      &$0.headers, &$1.n_headers, &$1.headers,
      dispatch__events__v1__http_target__headers_entry__init, "headers")
    $2.unserved($1.content_mode.rawValue != 0, "content_mode")
    $2.unserved($1.connect_timeout != nil, "connect_timeout")
    $2.unserved($1.response_timeout != nil, "response_timeout")
    $2.unserved($1.signing != nil, "signing")
  }
}

extension ProcessTarget: WireMessage {
  package static let coding = MessageCoding<ProcessTarget>(
    dispatch__events__v1__process_target__init
  ) {
    $2.string(&$0.command, &$1.command)
    $2.strings(&$0.arguments, &$1.n_arguments, &$1.arguments)
    $2.pairs(
      &$0.environment, &$1.n_environment, &$1.environment,
      dispatch__events__v1__process_target__environment_entry__init, "environment")
    $2.unserved($1.keep_alive != nil, "keep_alive")
  }
}

extension FlowControl: WireMessage {
  package static let coding = MessageCoding<FlowControl>(dispatch__events__v1__flow_control__init) {
    $2.nonZero(&$0.maxConcurrency, &$1.max_concurrency)
    $2.unserved($1.concurrency_key.pointee != 0, "concurrency_key")
    $2.unserved($1.max_concurrency_per_key != 0, "max_concurrency_per_key")
    $2.unserved($1.rate_per_second != 0, "rate_per_second")
    $2.unserved($1.burst != 0, "burst")
    $2.unserved($1.circuit_breaker != nil, "circuit_breaker")
  }
}
