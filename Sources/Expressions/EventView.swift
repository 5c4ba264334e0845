package import JSON

/// A trigger as filters and templates see it: a CloudEvent in its JSON format, with `data` and
/// `metadata` as members.
///
/// ```
/// { "id": …, "source": …, "type": …, "time": …, …extensions, "metadata": {…}, "data": … }
/// ```
///
/// See https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md.
package struct EventView: Sendable {
  /// The CloudEvents context attributes but `data`, in no particular order. Few: looked up in turn.
  package var attributes: [(name: String, value: AttributeValue)]
  /// The trigger's own key-value pairs. Those whose names can be attributes are among `attributes`
  /// too.
  package var metadata: [String: String]
  package var data: Content

  /// The payload.
  package enum Content: Sendable {
    case json(JSONDocument)
    /// Of a text type, or of JSON's that is none.
    case text(String)
    /// Of any other; seen as base64 text, named `data_base64`.
    case binary([UInt8])
    case none
  }

  package init(
    attributes: [(name: String, value: AttributeValue)] = [], metadata: [String: String] = [:],
    data: Content = .none
  ) {
    self.attributes = attributes
    self.metadata = metadata
    self.data = data
  }

  package subscript(_ attribute: String) -> AttributeValue? {
    for (name, value) in attributes where name == attribute { return value }
    return nil
  }
}

/// The value of an attribute; the types of CloudEvents that are none of these come as their
/// canonical text.
package enum AttributeValue: Hashable, Sendable {
  case string(String)
  case integer(Int32)
  case boolean(Bool)
}
