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

  /// What a trigger has of them without an attempt, as filters and templates see it.
  package static func attributes(
    of trigger: Trigger, dataType: String
  ) -> [(name: String, value: String)] {
    var attributes = [
      ("specversion", "1.0"),
      ("id", trigger.triggerID.description),
      ("source", source(of: trigger)),
      ("type", trigger.event),
      ("time", trigger.receivedAt.description),
      ("datacontenttype", dataType.isEmpty ? Payload.defaultDataType : dataType),
    ]
    if !trigger.orderingKey.isEmpty { attributes.append(("partitionkey", trigger.orderingKey)) }
    return attributes
  }

  /// Whether metadata of this name can be an extension attribute.
  package static func isExtension(_ name: String) -> Bool {
    name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) }
      && !name.isEmpty && !reserved.contains(name)
  }

  private static let reserved: Set<String> = [
    "specversion", "id", "source", "type", "time", "datacontenttype", "data", "partitionkey",
    "metadata", "dispatchsubscription", "dispatchattempt",
  ]

  private static func source(of trigger: Trigger) -> String {
    trigger.source.isEmpty
      ? "/organizations/\(trigger.organization)/events/\(trigger.event)" : trigger.source
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
    source = Self.source(of: trigger)
    type = trigger.event
    time = trigger.receivedAt
    dataContentType =
      request.payload.dataType.isEmpty ? Payload.defaultDataType : request.payload.dataType
    subscriptionID = request.subscriptionID
    attempt = request.number
  }
}
