internal import CEventProtos
package import EventCore

extension Function: WireMessage {
  package static let coding = MessageCoding<Function>(dispatch__events__v1__function__init) {
    $2.string(&$0.functionID, &$1.function_id)
    if $2.selects(&$1.target_case, DISPATCH__EVENTS__V1__FUNCTION__TARGET_HTTP, $0.http != nil) {
      $2.message(&$0.http, &$1.http, "http")
    }
    if $2.selects(&$1.target_case, DISPATCH__EVENTS__V1__FUNCTION__TARGET_GRPC, $0.grpc != nil) {
      $2.message(&$0.grpc, &$1.grpc, "grpc")
    }
    if $2.selects(
      &$1.target_case, DISPATCH__EVENTS__V1__FUNCTION__TARGET_PROCESS, $0.process != nil)
    {
      $2.message(&$0.process, &$1.process, "process")
    }
    if $2.selects(&$1.target_case, DISPATCH__EVENTS__V1__FUNCTION__TARGET_WORKER, $0.worker != nil)
    {
      $2.message(&$0.worker, &$1.worker, "worker")
    }
    $2.message(&$0.flow, &$1.flow, "flow")
    $2.message(&$0.circuit, &$1.circuit, "circuit")
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

  fileprivate var grpc: GRPCTarget? {
    get { if case .grpc(let target) = target { target } else { nil } }
    set { if let newValue { target = .grpc(newValue) } }
  }

  fileprivate var process: ProcessTarget? {
    get { if case .process(let target) = target { target } else { nil } }
    set { if let newValue { target = .process(newValue) } }
  }

  fileprivate var worker: WorkerTarget? {
    get { if case .worker(let target) = target { target } else { nil } }
    set { if let newValue { target = .worker(newValue) } }
  }
}
