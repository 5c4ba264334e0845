package import EventCore
package import Expressions

/// A subscription with its filter and transform, compiled once.
package final class CompiledSubscription: Sendable {
  package let subscription: Subscription
  private let filter: CompiledFilter?
  private let template: Result<Template, ExpressionError>?

  /// What can't be compiled (a store may have it from another version of the program) matches
  /// nothing, and fails what it is to transform.
  ///
  /// - Parameter old: the same subscription as it was before: a filter that stays is not compiled
  ///   again, and goes on counting its errors.
  package init(_ subscription: Subscription, replacing old: CompiledSubscription? = nil) {
    self.subscription = subscription
    filter = subscription.filter.map { filter in
      if let kept = old?.filter, kept.source == filter { return kept }
      return CompiledFilter(filter)
    }
    if old?.subscription.transform?.template == subscription.transform?.template, let old {
      template = old.template
    } else {
      template = subscription.transform.map { transform in
        Result { () throws(ExpressionError) in try Template(transform.template) }
      }
    }
  }

  var hasFilter: Bool { filter != nil }
  var filterReadsData: Bool { filter?.readsData ?? false }

  package var transformReadsData: Bool {
    guard case .success(let template) = template else { return false }
    return template.readsData
  }

  /// For an index: its filter's conditions of which at least one holds for every event that it
  /// matches; nil if it has to be asked about each.
  var anchors: [Anchor]? { filter?.anchors }

  /// An event for which the filter can't be evaluated does not match, and is counted.
  func matches(_ trigger: TriggerView) -> Bool {
    guard let filter else { return true }
    return filter.matches(filter.readsData ? trigger.withData : trigger.attributes)
  }

  /// - Returns: nil if it has no filter.
  package func explain(_ event: EventView) -> FilterExplanation? { filter?.explain(event) }

  /// How many events its filter could not be evaluated for since it was written, and why the last
  /// one. An event that the index rules out is none of them: it does not match, whether or not the
  /// filter could be evaluated for it.
  package var filterErrors: (count: UInt64, last: String) { filter?.errors ?? (0, "") }

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
