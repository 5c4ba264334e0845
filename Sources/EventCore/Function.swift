/// Something that can be run.
package struct Function: Hashable, Codable, Sendable {
  package var functionID = ""
  package var target: Target?
  package var flow = FlowControl()
  package var metadata: [String: String] = [:]
  package var stamp = ResourceStamp()
  /// Whether it is being called; nil if nothing is known of it. Never stored.
  package var circuit: CircuitState?

  package init() {}

  private enum CodingKeys: String, CodingKey {
    case functionID, target, flow, metadata, stamp
  }

  package enum Target: Hashable, Codable, Sendable {
    case http(HTTPTarget)
    case grpc(GRPCTarget)
    case process(ProcessTarget)
    case worker(WorkerTarget)
  }

  /// Whether it runs only where a worker has room for it (see `FunctionRuntime.takePlace`).
  package var needsPlaces: Bool { if case .worker = target { true } else { false } }

  /// How many may run at a time: of kept processes, no more than there may be. An attempt that waited
  /// for one would use up its time.
  package var concurrency: Int {
    guard case .process(let process) = target, let keepAlive = process.keepAlive else {
      return Int(flow.maxConcurrency)
    }
    return Int(min(flow.maxConcurrency, keepAlive.processesMax))
  }

  package func check(_ path: String) -> FieldCheck {
    var check = FieldCheck()
    check.name(functionID, .identifier, "\(path).function_id")
    check.metadata(metadata, "\(path).metadata")
    flow.check(&check, "\(path).flow")
    switch target {
    case .http(let http): http.check(&check, "\(path).http")
    case .grpc(let grpc): grpc.check(&check, "\(path).grpc")
    case .process(let process): process.check(&check, "\(path).process")
    case .worker(let worker): worker.check(&check, "\(path).worker")
    case nil: check.add("\(path).target", "is required: set one of http, grpc, process, worker")
    }
    return check
  }
}
