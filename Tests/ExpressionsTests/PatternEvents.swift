import Expressions
import JSON

extension EventView {
  /// From an event in its JSON format.
  init(event json: String) throws {
    let document = try JSONDocument(json)
    defer { withExtendedLifetime(document) {} }
    self.init()
    for member in document.root.members {
      switch member.name.string {
      case "metadata":
        for entry in member.value.members { metadata[entry.name.string] = entry.value.string }
      case "data": data = .json(try JSONDocument(member.value.json))
      case let name: attributes.append((name, try AttributeValue(member.value)))
      }
    }
  }
}

extension AttributeValue {
  struct NoAttribute: Error {}

  fileprivate init(_ value: JSONValue) throws {
    if let text = value.string {
      self = .string(text)
    } else if let flag = value.boolean {
      self = .boolean(flag)
    } else if let number = value.int64 {
      self = .integer(Int32(number))
    } else {
      throw NoAttribute()
    }
  }
}
