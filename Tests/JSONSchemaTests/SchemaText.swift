import JSON
import JSONSchema

/// What a schema says of a value: "pointer: problem" for each violation.
func problems(
  _ schema: String, _ value: String, assertsFormat: Bool = false, atMost limit: Int = 20
) throws -> [String] {
  var options = SchemaOptions()
  options.assertsFormat = assertsFormat
  let schema = try Schema(JSONDocument(schema), options: options)
  let document = try JSONDocument(value)
  return document.read { root in
    schema.violations(of: root, atMost: limit).map {
      $0.instanceLocation.isEmpty ? $0.problem : "\($0.instanceLocation): \($0.problem)"
    }
  }
}

/// Why a text is no schema: "pointer: problem".
func refusal(_ schema: String) -> String? {
  do {
    _ = try Schema(JSONDocument(schema))
    return nil
  } catch let error as SchemaError {
    return error.location.isEmpty ? error.problem : "\(error.location): \(error.problem)"
  } catch {
    return "\(error)"
  }
}
