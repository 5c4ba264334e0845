package import EventCore
package import Expressions
internal import Synchronization

/// A subscription with its filter and transform, compiled once.
package final class CompiledSubscription: Sendable {
  package let subscription: Subscription
  private let filter: Result<Filter, ExpressionError>?
  private let template: Result<Template, ExpressionError>?
  private let errors = Mutex((count: UInt64(0), last: ""))

  /// What can't be compiled (a store may have it from another version of the program) matches
  /// nothing, and fails what it is to transform.
  package init(_ subscription: Subscription) {
    self.subscription = subscription
    filter = subscription.filter.map { filter in
      Result { () throws(ExpressionError) in try Filter(filter) }
    }
    template = subscription.transform.map { transform in
      Result { () throws(ExpressionError) in try Template(transform.template) }
    }
  }

  var hasFilter: Bool { filter != nil }

  var filterReadsData: Bool {
    guard case .success(let filter) = filter else { return false }
    return filter.readsData
  }

  package var transformReadsData: Bool {
    guard case .success(let template) = template else { return false }
    return template.readsData
  }

  /// An event for which the filter can't be evaluated does not match, and is counted.
  func matches(_ event: EventView) -> Bool {
    let problem: String
    switch filter {
    case nil: return true
    case .failure(let error): problem = "\(error)"
    case .success(let filter):
      switch filter.evaluate(event) {
      case .match: return true
      case .noMatch: return false
      case .error(let reason): problem = reason
      }
    }
    errors.withLock { $0 = ($0.count + 1, problem) }
    return false
  }

  /// - Returns: nil if it has no filter.
  package func explain(_ event: EventView) -> FilterExplanation? {
    switch filter {
    case nil: nil
    case .failure(let error): FilterExplanation(.error("\(error)"))
    case .success(let filter): filter.explain(event)
    }
  }

  /// How many events its filter could not be evaluated for, and why the last one.
  package var filterErrors: (count: UInt64, last: String) { errors.withLock { $0 } }

  /// What the function would get of an event, cut to so many bytes; nil without a transform, or if
  /// its template can't be read.
  package func transformPreview(_ event: EventView, bytesMax: Int) -> [UInt8]? {
    guard case .success(let template) = template else { return nil }
    return template.preview(event, bytesMax: bytesMax)
  }

  /// What the function gets of a trigger; nil if it is larger than it may be, or the template can't
  /// be read.
  ///
  /// - Parameter payload: the trigger's, or in a group that pipes, another's output.
  package func transformed(_ payload: Payload, of trigger: Trigger) -> Payload? {
    guard let template else { return payload }
    guard case .success(let template) = template else { return nil }
    let event = EventView(trigger, payload, readsData: template.readsData)
    guard let data = template.render(event, bytesMax: Limits.payloadBytesMax) else { return nil }
    let type = subscription.transform?.dataType ?? ""
    return Payload(data: data, dataType: type.isEmpty ? Payload.defaultDataType : type)
  }
}

extension Filter {
  init(_ filter: SubscriptionFilter) throws(ExpressionError) {
    switch filter.language {
    case .sql: try self.init(sql: filter.text)
    case .json: try self.init(json: filter.text)
    case .pattern: try self.init(pattern: filter.text)
    }
  }
}
