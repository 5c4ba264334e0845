package import EventCore
internal import Synchronization

/// An event with its schema, which is compiled when it is first needed.
package final class CompiledEvent: Sendable {
  package let event: Event
  private let schema: LazySchema?
  private let violations: Counter

  /// - Parameter old: the same event as it was before, for what can be kept of it.
  package init(_ event: Event, replacing old: CompiledEvent? = nil) {
    self.event = event
    violations = old?.violations ?? Counter()
    guard let schema = event.schema else {
      self.schema = nil
      return
    }
    if let kept = old?.schema, kept.source.means(theSameAs: schema) {
      self.schema = kept
    } else {
      self.schema = LazySchema(schema)
    }
  }

  /// How many triggers violated the schema, since the event was first seen.
  package var violationCount: UInt64 { violations.value.load(ordering: .relaxed) }

  /// Nil if it has none.
  ///
  /// - Throws: SCHEMA_INVALID: a store may have it from another version of the program.
  package func compiledSchema() throws(GatewayError) -> CompiledSchema? {
    try schema?.compiled()
  }

  /// Checks a trigger's payload as the event's schema asks for, and notes in the trigger what came
  /// of it.
  ///
  /// - Parameter trigger: complete, with its defaults.
  /// - Returns: the payload, if it had to be parsed.
  /// - Throws: SCHEMA_VIOLATION or UNSUPPORTED_CONTENT_TYPE if the schema is enforced.
  func checkSchema(of trigger: inout Trigger) throws(GatewayError) -> ParsedPayload? {
    guard let source = event.schema, source.enforcement != .off, let schema else { return nil }
    trigger.schemaRevision = source.revision
    do throws(GatewayError) {
      let (verdict, parsed) = try schema.compiled().check(trigger.payload)
      guard verdict != .satisfied else { return parsed }
      if source.enforcement == .enforce { try verdict.require("data", trigger.payload) }
      trigger.schemaViolationCount = Int32(verdict.count)
      violations.value.add(1, ordering: .relaxed)
      return parsed
    } catch {
      violations.value.add(1, ordering: .relaxed)
      guard source.enforcement == .audit else { throw error }
      // Nothing satisfies a schema that can't be read.
      trigger.schemaViolationCount = 1
      return nil
    }
  }

  private final class Counter: Sendable {
    let value = Atomic<UInt64>(0)
  }

  /// Compiles once, whoever asks first; the others wait.
  private final class LazySchema: Sendable {
    let source: PayloadSchema
    private let result = Mutex<Result<CompiledSchema, GatewayError>?>(nil)

    init(_ source: PayloadSchema) {
      self.source = source
    }

    func compiled() throws(GatewayError) -> CompiledSchema {
      try result.withLock { result in
        if let result { return result }
        let made = Result { () throws(GatewayError) in try CompiledSchema(source) }
        result = made
        return made
      }.get()
    }
  }
}
