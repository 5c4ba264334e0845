package import EventCore
package import Expressions
internal import JSON

extension EventView {
  /// With the attributes that functions get.
  ///
  /// - Parameters:
  ///   - payload: the trigger's, or in a group that pipes, another's output.
  ///   - readsData: whether anybody will look at the payload; it is parsed only then.
  package init(_ trigger: Trigger, _ payload: Payload, readsData: Bool) {
    self.init(
      attributes: CloudEvent.attributes(of: trigger, dataType: payload.dataType)
        .map { ($0.name, .string($0.value)) },
      metadata: trigger.metadata,
      data: readsData ? Content(payload) : .none)
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
