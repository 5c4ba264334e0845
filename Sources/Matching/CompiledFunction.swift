package import EventCore
internal import Expressions
internal import JSON
internal import Synchronization

/// A function with its concurrency key, compiled once, and what its rate and circuit breaker know.
package final class CompiledFunction: Sendable {
  package let function: Function
  private let pointer: EventPointer?
  /// The same for every revision of the function; gone with it.
  private let shared: SharedGate

  /// - Parameter old: the same function as it was before.
  package init(_ function: Function, replacing old: CompiledFunction? = nil) {
    self.function = function
    pointer = function.flow.keyLimit.flatMap { JSONPointer($0.pointer) }.map(EventPointer.init)
    shared = old?.shared ?? SharedGate()
    gate { $0.adopt(function, at: .now()) }
  }

  /// What a trigger's invocations count for; nil for nothing.
  package func concurrencyKey(of trigger: Trigger) -> ConcurrencyKey? {
    guard let pointer else { return nil }
    let event = EventView(trigger, trigger.payload, readsData: pointer.readsData)
    return pointer.fingerprint(in: event).map {
      ConcurrencyKey(number: Int64(bitPattern: $0))
    }
  }

  package func gate<Result: Sendable>(_ body: (inout FlowGate) -> Result) -> Result {
    shared.state.withLock { gate in body(&gate) }
  }

  private final class SharedGate: Sendable {
    let state = Mutex(FlowGate())
  }
}

extension Function {
  /// - Throws: FIELD_INVALID if its concurrency key is no JSON pointer.
  package func checkConcurrencyKey(_ path: String) throws(GatewayError) {
    guard let limit = flow.keyLimit, JSONPointer(limit.pointer) == nil else { return }
    throw .invalid(
      "\(path).flow.concurrency_key", "must be a JSON pointer, such as /data/customer")
  }
}
