package import EventCore
internal import Expressions
internal import JSON
package import JSONSchema

/// An event's schema, compiled once.
package final class CompiledSchema: Sendable {
  private let schema: Schema

  /// What a schema says of a payload.
  package enum Verdict: Hashable, Sendable {
    case satisfied
    /// Not empty, at most `Limits.schemaViolationsMax`. A text of a JSON type that is no JSON has
    /// one, of the whole payload and of no keyword.
    case violated([SchemaViolation])
    /// The payload's type is none of JSON's.
    case notJSON
  }

  /// - Parameter path: of the schema in the request, for the error.
  /// - Throws: SCHEMA_INVALID, with line and column of what is no JSON, or the JSON pointer to what
  ///   is no schema.
  package init(
    _ source: PayloadSchema, _ path: String = "event.schema"
  ) throws(GatewayError) {
    let document: JSONDocument
    do throws(JSONError) {
      document = try JSONDocument(source.definition)
    } catch {
      throw Self.invalid(path, error.notJSON)
    }
    var options = SchemaOptions()
    options.assertsFormat = source.assertsFormat
    do throws(SchemaError) {
      schema = try Schema(document, options: options)
    } catch {
      let place = error.location.isEmpty ? "" : " (\(error.location))"
      throw Self.invalid(path, "is no schema: \(error.problem)\(place)")
    }
  }

  private static func invalid(_ path: String, _ problem: String) -> GatewayError {
    .invalid([FieldViolation(field: "\(path).definition", problem: problem)], .schemaInvalid)
  }

  package func violations(of payload: Payload) -> Verdict {
    check(payload).verdict
  }

  /// The same, with what was parsed for it.
  func check(_ payload: Payload) -> (verdict: Verdict, parsed: ParsedPayload?) {
    guard payload.isJSON else { return (.notJSON, nil) }
    let document: JSONDocument
    do throws(JSONError) {
      document = try JSONDocument(payload.data)
    } catch {
      let violation = SchemaViolation(
        instanceLocation: "", keywordLocation: "", problem: error.notJSON)
      return (.violated([violation]), nil)
    }
    let violations = document.read {
      schema.violations(of: $0, atMost: Limits.schemaViolationsMax)
    }
    let verdict = violations.isEmpty ? Verdict.satisfied : .violated(violations)
    return (verdict, ParsedPayload(content: .json(document)))
  }
}

extension CompiledSchema.Verdict {
  /// How many violations a trigger that is only audited has.
  var count: Int {
    switch self {
    case .satisfied: 0
    case .violated(let violations): violations.count
    case .notJSON: 1
    }
  }

  /// - Parameters:
  ///   - field: the payload's in the request.
  ///   - payload: the one that it is about.
  /// - Throws: SCHEMA_VIOLATION, with each of them, or UNSUPPORTED_CONTENT_TYPE.
  package func require(_ field: String, _ payload: Payload) throws(GatewayError) {
    switch self {
    case .satisfied: return
    case .violated(let violations):
      throw .invalid(violations.map { FieldViolation($0, field) }, .schemaViolation)
    case .notJSON:
      let problem = "is '\(payload.dataType)'; the event's schema takes JSON only"
      throw .invalid(
        [FieldViolation(field: "\(field)_type", problem: problem)], .unsupportedContentType)
    }
  }
}

extension FieldViolation {
  fileprivate init(_ violation: SchemaViolation, _ field: String) {
    let keyword = violation.keywordLocation.isEmpty ? "" : " (\(violation.keywordLocation))"
    self.init(field: field + violation.instanceLocation, problem: violation.problem + keyword)
  }
}

extension JSONError {
  fileprivate var notJSON: String {
    "is not JSON: \(problem) (line \(line), column \(column))"
  }
}

/// A payload that was parsed for its schema, and is not to be parsed again for filters.
package struct ParsedPayload: Sendable {
  let content: EventView.Content
}
