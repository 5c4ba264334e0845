package import EventCore
package import Expressions

extension Candidates {
  /// The trigger as filters see it, and what the event's schema says of its payload, which is parsed
  /// once for both. For one who only wants to know: nothing is counted.
  ///
  /// - Parameters:
  ///   - trigger: complete, with its defaults.
  ///   - checksSchema: whether anybody will look at the verdict.
  /// - Returns: no verdict if the event has no schema; an error if its schema can't be read.
  package func examine(
    _ trigger: Trigger, checksSchema: Bool
  ) -> (view: EventView, verdict: Result<CompiledSchema.Verdict, GatewayError>?) {
    let compiled = Result { () throws(GatewayError) in
      checksSchema ? try compiledEvent.compiledSchema() : nil
    }
    switch compiled {
    case .success(let schema?):
      let (verdict, parsed) = schema.check(trigger.payload)
      var view = EventView(trigger, trigger.payload, readsData: parsed == nil)
      if let parsed { view.data = parsed.content }
      return (view, .success(verdict))
    case .success(nil):
      return (EventView(trigger, trigger.payload, readsData: true), nil)
    case .failure(let error):
      return (EventView(trigger, trigger.payload, readsData: true), .failure(error))
    }
  }
}
