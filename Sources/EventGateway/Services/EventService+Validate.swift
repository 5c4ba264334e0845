internal import EventCore
internal import JSONSchema
internal import Matching
internal import Messages

extension EventService {
  /// Tries a payload against a schema, as a trigger would.
  func validate(
    _ call: Call, _ request: ValidateEventRequest
  ) async throws -> ValidateEventResponse {
    try request.check()
    let compiled = try event(of: request, in: call.organization)
    var trigger = Trigger()
    trigger.payload = request.payload
    trigger.complete(from: compiled?.event ?? Event())
    if let schema = request.schema {
      let verdict = try CompiledSchema(schema, "schema").violations(of: trigger.payload)
      return ValidateEventResponse(verdict, trigger.payload, schema.enforcement, revision: 0)
    }
    var response = ValidateEventResponse()
    response.isValid = true
    guard let compiled, let schema = compiled.event.schema,
      let verdict = try compiled.compiledSchema()?.violations(of: trigger.payload)
    else { return response }
    return ValidateEventResponse(
      verdict, trigger.payload, schema.enforcement, revision: schema.revision)
  }

  private func event(
    of request: ValidateEventRequest, in organization: Organization
  ) throws(GatewayError) -> CompiledEvent? {
    if request.event.isEmpty, request.schema != nil { return nil }
    guard let event = catalog.compiledEvent(request.event, in: organization) else {
      throw Definition.Key(.event, request.event).notFound
    }
    return event
  }
}

extension ValidateEventRequest {
  fileprivate func check() throws(GatewayError) {
    var check = FieldCheck()
    if !event.isEmpty || schema == nil { check.name(event, .event, "event") }
    check.size(payload.data.count, atMost: Limits.payloadBytesMax, "data")
    check.dataType(payload.dataType, "data_type")
    schema?.check(&check, "schema")
    try check.finish()
  }
}

extension ValidateEventResponse {
  fileprivate init(
    _ verdict: CompiledSchema.Verdict, _ payload: Payload,
    _ enforcement: PayloadSchema.Enforcement, revision: UInt64
  ) {
    self.init()
    schemaRevision = revision
    switch verdict {
    case .satisfied:
      isValid = true
    case .violated(let found):
      violations = found.map(PayloadViolation.init)
    case .notJSON:
      isValid = enforcement != .enforce
      guard !isValid else { return }
      var violation = PayloadViolation()
      violation.description = "is '\(payload.dataType)'; the schema takes JSON only"
      violations = [violation]
    }
  }
}

extension PayloadViolation {
  /// Shortened where it cites a payload's own names.
  init(_ violation: SchemaViolation) {
    self.init()
    instanceLocation = violation.instanceLocation.cut(
      toBytes: GatewayLimits.violationTextBytesMax)
    keywordLocation = violation.keywordLocation.cut(
      toBytes: GatewayLimits.violationTextBytesMax)
    description = violation.problem.cut(toBytes: GatewayLimits.violationTextBytesMax)
  }
}
