import EventCore
import FoundationEssentials

/// A definition as it is stored: JSON that a person can read, and an event's default payload apart
/// as bytes.
///
/// A field that a later version adds needs a default for rows that lack it: a migration step with
/// SQLite's `json_insert` (see `Schema.definitionDefaults`).
struct DefinitionRecord: Codable, Hashable {
  var kind: Definition.Kind
  var body: String
  var data: Data

  init(_ definition: Definition) throws(SQLiteError) {
    kind = definition.key.kind
    data = Data()
    switch definition {
    case .event(var event):
      data = Data(event.data)
      event.data = []
      body = try Self.json(event)
    case .subscription(let subscription): body = try Self.json(subscription)
    case .function(let function): body = try Self.json(function)
    case .group(let group): body = try Self.json(group)
    case .schema(let schema): body = try Self.json(schema)
    }
  }

  init(kind: Definition.Kind, body: String, data: [UInt8]) {
    self.kind = kind
    self.body = body
    self.data = Data(data)
  }

  func definition() throws(SQLiteError) -> Definition {
    switch kind {
    case .event:
      var event = try Self.value(Event.self, body)
      event.data = Array(data)
      return .event(event)
    case .subscription: return .subscription(try Self.value(Subscription.self, body))
    case .function: return .function(try Self.value(Function.self, body))
    case .group: return .group(try Self.value(SubscriptionGroup.self, body))
    case .schema: return .schema(try Self.value(SchemaRevision.self, body))
    }
  }

  /// Equal values give equal text.
  static func json(_ value: some Encodable) throws(SQLiteError) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return String(decoding: try encoder.encode(value), as: UTF8.self)
    } catch {
      throw .damaged("a definition can't be written as JSON: \(error)")
    }
  }

  static func value<Value: Decodable>(
    _ type: Value.Type, _ json: String
  ) throws(SQLiteError) -> Value {
    do {
      return try JSONDecoder().decode(type, from: Data(json.utf8))
    } catch {
      throw .damaged("a definition can't be read: \(error)")
    }
  }
}
