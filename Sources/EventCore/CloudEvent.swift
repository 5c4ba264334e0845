/// The CloudEvents 1.0 context attributes of one attempt, as every kind of function gets them.
///
/// See https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#context-attributes.
package struct CloudEvent: Hashable, Sendable {
  /// Attribute names (lower case) and values, in a fixed order: `specversion`, `id`, `source`,
  /// `type`, `time`, `datacontenttype`, then the extensions `dispatchsubscription` and
  /// `dispatchattempt`.
  package var attributes: [(name: String, value: String)] {
    [
      ("specversion", "1.0"),
      ("id", id),
      ("source", source),
      ("type", type),
      ("time", time.description),
      ("datacontenttype", dataContentType),
      ("dispatchsubscription", subscriptionID),
      ("dispatchattempt", String(attempt)),
    ]
  }

  package let id: String
  package let source: String
  package let type: String
  package let time: Timestamp
  package let dataContentType: String
  package let subscriptionID: String
  package let attempt: Int32

  package init(_ request: AttemptRequest) {
    let trigger = request.trigger
    id = trigger.triggerID.description
    source =
      trigger.source.isEmpty
      ? "/organizations/\(trigger.organization)/events/\(trigger.event)" : trigger.source
    type = trigger.event
    time = trigger.receivedAt
    dataContentType =
      request.payload.dataType.isEmpty ? Payload.defaultDataType : request.payload.dataType
    subscriptionID = request.subscriptionID
    attempt = request.number
  }
}
