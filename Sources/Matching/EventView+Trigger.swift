package import EventCore
package import Expressions
internal import JSON

extension EventView {
  /// - Parameters:
  ///   - payload: the trigger's, or in a group that pipes, another's output.
  ///   - readsData: whether anybody will look at the payload; it is parsed only then.
  package init(_ trigger: Trigger, _ payload: Payload, readsData: Bool) {
    self.init(
      attributes: Self.attributes(of: trigger, payload), metadata: trigger.metadata,
      data: readsData ? Content(payload) : .none)
  }

  /// With extension attributes of the metadata whose names can be such, unless they are taken.
  private static func attributes(
    of trigger: Trigger, _ payload: Payload
  ) -> [(name: String, value: AttributeValue)] {
    let own = CloudEvent.attributes(of: trigger, dataType: payload.dataType)
    var attributes: [(name: String, value: AttributeValue)] = []
    attributes.reserveCapacity(own.count + trigger.metadata.count)
    for (name, value) in own { attributes.append((name, .string(value))) }
    for (name, value) in trigger.metadata where CloudEvent.isExtension(name) {
      attributes.append((name, .string(value)))
    }
    return attributes
  }
}

extension EventView.Content {
  /// JSON of a type that says so, text of a text type or of JSON's that is none, else bytes.
  init(_ payload: Payload) {
    guard !payload.data.isEmpty else {
      self = .none
      return
    }
    if payload.isJSON, let document = try? JSONDocument(payload.data) {
      self = .json(document)
    } else if payload.isJSON || payload.isText,
      let text = String(validating: payload.data, as: UTF8.self)
    {
      self = .text(text)
    } else {
      self = .binary(payload.data)
    }
  }
}
