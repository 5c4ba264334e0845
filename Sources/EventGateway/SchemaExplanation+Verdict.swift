internal import EventCore
internal import Matching
internal import Messages

extension SchemaExplanation {
  /// What would be done about a payload, as `TriggerIntake.check` does it.
  ///
  /// - Parameter verdict: the schema's; an error if it can't be read, which nothing satisfies.
  init(
    _ schema: PayloadSchema, _ verdict: Result<CompiledSchema.Verdict, GatewayError>,
    _ payload: Payload
  ) {
    self.init()
    (revision, enforcement) = (schema.revision, schema.enforcement)
    switch verdict {
    case .success(.satisfied): break
    case .success(.violated(let found)): violations = found.map(PayloadViolation.init)
    case .success(.notJSON):
      violations = [PayloadViolation("is '\(payload.dataType)'; the schema takes JSON only")]
    case .failure(let error):
      violations = [PayloadViolation("can't be checked: \(error.message)")]
    }
    isRefused = enforcement == .enforce && !violations.isEmpty
  }
}

extension PayloadViolation {
  /// One of the whole payload, and of no keyword.
  fileprivate init(_ problem: String) {
    self.init()
    description = problem.cut(toBytes: GatewayLimits.violationTextBytesMax)
  }
}
