import TestSupport

/// Schemas from all of the vocabulary, and values that come near to them.
struct RandomSchema {
  private var random: SeededRandom
  private static let names = ["a", "b", "ab", "c", "é"]

  init(_ random: SeededRandom) {
    self.random = random
  }

  private mutating func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }

  private mutating func pick(_ values: [String]) -> String { values[pick(values.count)] }

  private mutating func name() -> String { pick(Self.names) }

  // MARK: Values

  mutating func value(depth: Int) -> String {
    switch pick(depth > 0 ? 8 : 5) {
    case 0: return pick(["null", "true", "false"])
    case 1, 2: return number()
    case 3, 4: return "\"\(pick(["", "a", "ab", "abc", "é😀", "2025-01-01", "a.b@c"]))\""
    case 5: return array { $0.value(depth: depth - 1) }
    default: return object { $0.value(depth: depth - 1) }
    }
  }

  private mutating func number() -> String {
    pick(["0", "1", "-1", "2", "3", "1.0", "0.5", "1e2", "-0", "100000000000000000000", "0.3"])
  }

  private mutating func array(_ element: (inout Self) -> String) -> String {
    let count = [0, 1, 1, 2, 3, 12][pick(6)]
    return "[" + (0..<count).map { _ in element(&self) }.joined(separator: ",") + "]"
  }

  private mutating func object(_ value: (inout Self) -> String) -> String {
    var members: [String] = []
    for name in Self.names where pick(2) == 0 { members.append("\"\(name)\":\(value(&self))") }
    return "{" + members.joined(separator: ",") + "}"
  }

  // MARK: Schemas

  /// A whole schema, which others of it can refer to.
  mutating func schema() -> String {
    let isOld = pick(4) == 0
    let definitions = isOld ? "definitions" : "$defs"
    var members = keywords(depth: 3)
    members["$schema"] =
      isOld
      ? "\"http://json-schema.org/draft-07/schema#\""
      : "\"https://json-schema.org/draft/2020-12/schema\""
    members[definitions] = "{\"a\":\(schema(depth: 2)),\"b\":\(schema(depth: 2))}"
    return text(members)
  }

  private mutating func schema(depth: Int) -> String {
    if depth == 0 || pick(8) == 0 { return pick(["true", "true", "false", "{}"]) }
    return text(keywords(depth: depth))
  }

  private func text(_ members: [String: String]) -> String {
    "{" + members.sorted { $0.key < $1.key }.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
  }

  private mutating func keywords(depth: Int) -> [String: String] {
    var members: [String: String] = [:]
    for _ in 0...pick(4) {
      let (keyword, value) = keyword(depth: depth - 1)
      members[keyword] = value
    }
    return members
  }

  private mutating func keyword(depth: Int) -> (String, String) {
    switch pick(5) {
    case 0: return scalarKeyword()
    case 1: return objectKeyword(depth: depth)
    case 2: return arrayKeyword(depth: depth)
    default: return applicator(depth: depth)
    }
  }

  private mutating func scalarKeyword() -> (String, String) {
    switch pick(8) {
    case 0: return ("type", "\"\(type())\"")
    case 1:
      return (
        "type", "[\"\(type())\",\"null\"]".replacing("[\"null\",\"null\"]", with: "[\"null\"]")
      )
    case 2:
      return (pick(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]), number())
    case 3: return ("multipleOf", pick(["0.1", "0.5", "1", "3", "1e-3"]))
    case 4: return (pick(["minLength", "maxLength"]), "\(pick(4))")
    case 5: return ("pattern", "\"\(pick(["a", "^a", "b$", "^.b?$", "^[a-c]*$"]))\"")
    case 6: return ("format", "\"\(pick(["date", "email", "uri", "unknown"]))\"")
    default:
      return pick(2) == 0
        ? ("const", value(depth: 2))
        : ("enum", array { $0.value(depth: 2) }.replacing("[]", with: "[1]"))
    }
  }

  private mutating func type() -> String {
    pick(["null", "boolean", "number", "integer", "string", "array", "object", "object", "array"])
  }

  private mutating func objectKeyword(depth: Int) -> (String, String) {
    switch pick(9) {
    case 0, 1: return ("properties", object { $0.schema(depth: depth) })
    case 2:
      return ("patternProperties", "{\"^a\":\(schema(depth: depth)),\"b\":\(schema(depth: depth))}")
    case 3: return (pick(["additionalProperties", "unevaluatedProperties"]), schema(depth: depth))
    case 4: return ("required", "[\"\(name())\"]")
    case 5: return ("propertyNames", schema(depth: depth))
    case 6: return (pick(["minProperties", "maxProperties"]), "\(pick(4))")
    case 7: return ("dependentRequired", "{\"\(name())\":[\"\(name())\"]}")
    default:
      return (pick(["dependentSchemas", "dependencies"]), object { $0.schema(depth: depth) })
    }
  }

  private mutating func arrayKeyword(depth: Int) -> (String, String) {
    switch pick(7) {
    case 0: return ("items", schema(depth: depth))
    case 1: return ("prefixItems", "[\(schema(depth: depth)),\(schema(depth: depth))]")
    case 2: return ("contains", schema(depth: depth))
    case 3: return (pick(["minContains", "maxContains", "minItems", "maxItems"]), "\(pick(3))")
    case 4: return ("uniqueItems", "true")
    default: return (pick(["unevaluatedItems", "additionalItems"]), schema(depth: depth))
    }
  }

  private mutating func applicator(depth: Int) -> (String, String) {
    switch pick(7) {
    case 0, 1:
      return (
        pick(["allOf", "anyOf", "oneOf"]), "[\(schema(depth: depth)),\(schema(depth: depth))]"
      )
    case 2: return ("not", schema(depth: depth))
    case 3: return (pick(["if", "then", "else"]), schema(depth: depth))
    case 4:
      return ("$ref", pick(["\"#\"", "\"#/$defs/a\"", "\"#/$defs/b\"", "\"#/definitions/a\""]))
    case 5: return ("$dynamicRef", pick(["\"#\"", "\"#/$defs/a\"", "\"#x\""]))
    default: return ("$dynamicAnchor", "\"x\"")
    }
  }

  /// A few characters changed, doubled or left out.
  mutating func broken(_ text: String) -> String {
    var scalars = Array(text.unicodeScalars)
    for _ in 0...pick(3) where !scalars.isEmpty {
      let place = pick(scalars.count)
      switch pick(3) {
      case 0: scalars[place] = Array("\"{}[]:,-019ae.$#/\\".unicodeScalars)[pick(18)]
      case 1: scalars.remove(at: place)
      default: scalars.insert(scalars[place], at: place)
      }
    }
    return String(String.UnicodeScalarView(scalars))
  }
}
