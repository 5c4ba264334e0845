internal import EventCore
internal import Messages

extension Event: Resource {
  static var kind: Definition.Kind { .event }
  static func idProblem(_ id: String) -> String? { NameRule.event.problem(with: id) }
  var definition: Definition { .event(self) }

  init?(_ definition: Definition) {
    guard case .event(let event) = definition else { return nil }
    self = event
  }

  static let mutableFields: [MutableField<Event>] = [
    MutableField("function_id", \.functionID),
    MutableField("data", \.data),
    MutableField("data_type", \.dataType),
    MutableField("schema", \.schema),
    MutableField("metadata", \.metadata),
    MutableField("retention", \.retention),
    MutableField("dead_letter_retention", \.deadLetterRetention),
  ]
}

extension Subscription: Resource {
  static var kind: Definition.Kind { .subscription }

  /// The id of a managed one may be longer than those that clients choose.
  static func idProblem(_ id: String) -> String? {
    if let event = managedEvent(of: id) { return NameRule.event.problem(with: event) }
    return NameRule.identifier.problem(with: id)
  }

  var definition: Definition { .subscription(self) }

  init?(_ definition: Definition) {
    guard case .subscription(let subscription) = definition else { return nil }
    self = subscription
  }

  static let mutableFields: [MutableField<Subscription>] = [
    MutableField("function_id", \.functionID),
    MutableField("metadata", \.metadata),
    MutableField("filter", \.filter),
    MutableField("transform", \.transform),
    MutableField("delivery", \.delivery),
    MutableField("group", \.groupID),
    MutableField("order", \.order),
    MutableField("weight", \.weight),
    MutableField("priority", \.priority),
  ]
}

extension SubscriptionGroup: Resource {
  static var kind: Definition.Kind { .group }
  static func idProblem(_ id: String) -> String? { NameRule.identifier.problem(with: id) }
  var definition: Definition { .group(self) }

  init?(_ definition: Definition) {
    guard case .group(let group) = definition else { return nil }
    self = group
  }

  static let mutableFields: [MutableField<SubscriptionGroup>] = [
    MutableField("strategy", \.strategy),
    MutableField("on_failure", \.onFailure),
    MutableField("completion", \.completion),
    MutableField("quorum", \.quorum),
    MutableField("timeout", \.timeout),
    MutableField("pipe_output", \.pipesOutput),
    MutableField("metadata", \.metadata),
  ]
}

extension Function: Resource {
  static var kind: Definition.Kind { .function }
  static func idProblem(_ id: String) -> String? { NameRule.identifier.problem(with: id) }
  var definition: Definition { .function(self) }

  init?(_ definition: Definition) {
    guard case .function(let function) = definition else { return nil }
    self = function
  }

  static let mutableFields: [MutableField<Function>] = [
    MutableField("http", \.target) { if case .http = $0 { true } else { false } },
    MutableField("grpc", \.target) { if case .grpc = $0 { true } else { false } },
    MutableField("process", \.target) { if case .process = $0 { true } else { false } },
    MutableField("worker", \.target) { if case .worker = $0 { true } else { false } },
    MutableField("flow", \.flow),
    .part("flow.max_concurrency", \.flow.maxConcurrency),
    .part("flow.concurrency_key", \.flow.concurrencyKey),
    .part("flow.max_concurrency_per_key", \.flow.maxConcurrencyPerKey),
    .part("flow.rate_per_second", \.flow.ratePerSecond),
    .part("flow.burst", \.flow.burst),
    .part("flow.circuit_breaker", \.flow.circuitBreaker),
    MutableField("metadata", \.metadata),
  ]
}

extension SchemaRevision: Resource {
  static var kind: Definition.Kind { .schema }
  /// Clients don't name it: they give the event and a number.
  static func idProblem(_ id: String) -> String? { nil }
  var definition: Definition { .schema(self) }

  init?(_ definition: Definition) {
    guard case .schema(let schema) = definition else { return nil }
    self = schema
  }

  func check(_ path: String) -> FieldCheck { FieldCheck() }

  static let mutableFields: [MutableField<SchemaRevision>] = []
}
