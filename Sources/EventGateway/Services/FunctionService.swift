internal import EventCore
internal import Executors
internal import GRPC
internal import Matching
internal import Messages

/// dispatch.events.v1.FunctionService.
struct FunctionService: Sendable {
  let definitions: Definitions
  let runtime: any FunctionRuntime
  let catalog: Catalog
  let pool: ExecutorPool
  /// Called after a function was changed or deleted: what of it waits may not have to any more.
  let flowChanged: @Sendable (Lane) -> Void
  let keepAlives = KeepAlives()

  func register(in router: inout Router) {
    let service = "/dispatch.events.v1.FunctionService"
    router.unary("\(service)/CreateFunction", create)
    router.unary("\(service)/GetFunction", get)
    router.unary("\(service)/ListFunctions", list)
    router.unary("\(service)/UpdateFunction", update)
    router.unary("\(service)/DeleteFunction", delete)
    router.serverStreaming("\(service)/InvokeFunction", invokeFunction)
  }

  private func create(_ call: Call, _ request: CreateFunctionRequest) async throws -> Function {
    var function = request.function
    function.circuit = nil
    var check = function.check("function")
    check.text(request.requestID, atMost: Limits.requestIDBytesMax, "request_id")
    try check.finish()
    try validate(function)
    let transaction = DefinitionTransaction(
      in: call.organization, [.create(.function(function))], requestID: request.requestID,
      validateOnly: request.validateOnly)
    return withCircuit(try await definitions.commit(transaction) ?? function, in: call.organization)
  }

  /// What is more than the bounds of its fields.
  private func validate(_ function: Function) throws(GatewayError) {
    try function.checkConcurrencyKey("function")
    try runtime.validate(function)
  }

  private func get(_ call: Call, _ request: GetFunctionRequest) async throws -> Function {
    withCircuit(
      try await definitions.get(request.functionID, "function_id", in: call.organization),
      in: call.organization)
  }

  /// With what its circuit breaker has come to since the gateway started.
  private func withCircuit(_ function: Function, in organization: Organization) -> Function {
    let compiled = catalog.compiledFunction(function.functionID, in: organization)
    var function = function
    function.circuit = compiled?.gate(\.circuit)
    return function
  }

  private func list(
    _ call: Call, _ request: ListFunctionsRequest
  ) async throws -> ListFunctionsResponse {
    var response = ListFunctionsResponse()
    (response.functions, response.nextPageToken) = try await definitions.list(
      request.page, in: call.organization)
    for index in response.functions.indices {
      response.functions[index] = withCircuit(response.functions[index], in: call.organization)
    }
    return response
  }

  private func update(_ call: Call, _ request: UpdateFunctionRequest) async throws -> Function {
    let update = request.function
    let changed = try await definitions.change(
      Function.self, update.functionID, "function.function_id", etag: update.stamp.etag,
      in: call.organization, validateOnly: request.validateOnly
    ) { current in
      let merged = try current.merging(update, mask: request.updateMask)
        .keepingSecrets(of: current)
      try merged.check("function").finish()
      try validate(merged)
      return [.update(.function(merged), revision: current.stamp.revision)]
    }
    flowChanged(Lane(call.organization, update.functionID))
    return withCircuit(changed ?? update, in: call.organization)
  }

  private func delete(_ call: Call, _ request: DeleteFunctionRequest) async throws -> Empty {
    try await definitions.change(
      Function.self, request.functionID, "function_id", etag: request.etag, in: call.organization,
      isForced: request.force
    ) { function in
      let key = function.definition.key
      let forced = request.force ? try await unbind(key, in: call.organization) : []
      return [.delete(key, revision: function.stamp.revision)] + forced
    }
    flowChanged(Lane(call.organization, request.functionID))
    return Empty()
  }

  /// Deletes what subscribes the function, and takes it from the events that name it.
  private func unbind(
    _ key: Definition.Key, in organization: Organization
  ) async throws -> [DefinitionChange] {
    let subscriptions: [Subscription] = try await definitions.dependents(of: key, in: organization)
    let events: [Event] = try await definitions.dependents(of: key, in: organization)
    return subscriptions.map { .delete($0.definition.key, revision: nil) }
      + events.map { event in
        var unbound = event
        unbound.functionID = ""
        return .update(.event(unbound), revision: event.stamp.revision)
      }
  }
}
