/// The CloudEvents 1.0 context attributes of one attempt, as every kind of function gets them.
///
/// See https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#context-attributes.
package struct CloudEvent: Sendable {
  package typealias Attribute = (name: String, value: String)

  /// Each name once, lower-case letters and digits: those of the trigger, then the extensions
  /// `dispatchsubscription` and `dispatchattempt`.
  package let attributes: [Attribute]
  /// `datacontenttype`, which some bindings put elsewhere.
  package let dataContentType: String

  package init(_ request: AttemptRequest) {
    dataContentType = Self.dataContentType(request.payload.dataType)
    var attributes = Self.attributes(of: request.trigger, dataType: dataContentType)
    // An attribute is never empty: there is none of a function that is run directly.
    if !request.subscriptionID.isEmpty {
      attributes.append(("dispatchsubscription", request.subscriptionID))
    }
    attributes.append(("dispatchattempt", String(request.number)))
    self.attributes = attributes
  }

  /// What a trigger has of them without an attempt, as filters and templates see it: `specversion`,
  /// `id`, `source`, `type`, `time`, `datacontenttype`, `partitionkey` if it has an ordering key, then
  /// its metadata that can be attributes, in the order of their names.
  package static func attributes(of trigger: Trigger, dataType: String) -> [Attribute] {
    let id = trigger.cloudEventID
    var attributes: [Attribute] = [
      ("specversion", specVersion),
      ("id", id.isEmpty ? trigger.triggerID.description : id),
      ("source", source(of: trigger)),
      ("type", trigger.event),
      ("time", (trigger.cloudEventTime ?? trigger.receivedAt).description),
      ("datacontenttype", dataContentType(dataType)),
    ]
    if !trigger.orderingKey.isEmpty { attributes.append(("partitionkey", trigger.orderingKey)) }
    let extensions = trigger.metadata.filter { isExtension($0.key) }
    for (name, value) in extensions.sorted(by: { $0.key < $1.key }) {
      attributes.append((name, value))
    }
    return attributes
  }

  package static let specVersion = "1.0"

  /// Lower-case letters and digits, section "Naming Conventions".
  package static func isAttributeName(_ name: String) -> Bool {
    name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) }
      && !name.isEmpty
  }

  /// Whether metadata of this name is an attribute too: `subject`, `dataschema` or an extension.
  package static func isExtension(_ name: String) -> Bool {
    isAttributeName(name) && !reserved.contains(name)
  }

  /// Those that come from elsewhere than metadata, and `metadata` itself, in which all of it is.
  private static let reserved: Set<String> = [
    "specversion", "id", "source", "type", "time", "datacontenttype", "data", "partitionkey",
    "metadata", "dispatchsubscription", "dispatchattempt", "dispatchinvocation",
    "dispatchdeadline",
  ]

  private static func dataContentType(_ dataType: String) -> String {
    dataType.isEmpty ? Payload.defaultDataType : dataType
  }

  private static func source(of trigger: Trigger) -> String {
    trigger.source.isEmpty
      ? "/organizations/\(trigger.organization)/events/\(trigger.event)" : trigger.source
  }
}
