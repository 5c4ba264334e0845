/// A definition that functions subscribe to and that is triggered by name.
package struct Event: Hashable, Sendable {
  package var event = ""
  /// Runs without a written subscription: the gateway keeps a managed one. Empty for none.
  package var functionID = ""
  /// Output only: when it was last triggered. Derived from its triggers, no part of the revision.
  package var receivedAt: Timestamp?
  /// The payload of triggers that bring none.
  package var data: [UInt8] = []
  /// The type of `data`, and of triggers that name none; empty stands for `application/json`.
  package var dataType = ""
  /// What payloads must look like; nil for anything.
  package var schema: PayloadSchema?
  /// Output only: how many triggers violated the schema since the gateway started. Never stored.
  package var schemaViolationCount: UInt64 = 0
  package var metadata: [String: String] = [:]
  /// How long its finished triggers are kept, from their end.
  package var retention = Limits.retentionDefault
  /// The same for those of which an invocation failed.
  package var deadLetterRetention = Limits.deadLetterRetentionDefault
  package var stamp = ResourceStamp()

  package init() {}

  package func check(_ path: String) -> FieldCheck {
    var check = FieldCheck()
    check.name(event, .event, "\(path).event")
    if !functionID.isEmpty { check.name(functionID, .identifier, "\(path).function_id") }
    check.size(data.count, atMost: Limits.defaultPayloadBytesMax, "\(path).data")
    check.dataType(dataType, "\(path).data_type")
    schema?.check(&check, "\(path).schema")
    check.metadata(metadata, "\(path).metadata")
    let kept = Limits.retentionMin...Limits.retentionMax
    check.range(retention, kept, "\(path).retention")
    check.range(deadLetterRetention, kept, "\(path).dead_letter_retention")
    return check
  }

  /// The subscription that stands for `functionID`; nil when there is none.
  package var managedSubscription: Subscription? {
    guard !functionID.isEmpty else { return nil }
    var subscription = Subscription()
    subscription.subscriptionID = Subscription.managedID(for: event)
    subscription.event = event
    subscription.functionID = functionID
    subscription.isManaged = true
    return subscription
  }
}

extension Event: Codable {
  /// Without `receivedAt` and `schemaViolationCount`, which are derived, never stored.
  private enum CodingKeys: String, CodingKey {
    case event, functionID, data, dataType, schema, metadata, retention, deadLetterRetention, stamp
  }
}
