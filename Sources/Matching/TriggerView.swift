internal import EventCore
internal import Expressions

/// A trigger as filters see it, made when somebody looks: most events have subscriptions that don't,
/// or don't look at the payload.
final class TriggerView {
  private let trigger: Trigger
  private let parsed: ParsedPayload?
  private var view: EventView?
  private var hasData = false

  /// - Parameters:
  ///   - trigger: complete, with its defaults.
  ///   - parsed: its payload, if it was parsed before.
  init(_ trigger: Trigger, _ parsed: ParsedPayload?) {
    self.trigger = trigger
    self.parsed = parsed
  }

  /// The attributes and metadata, and the data only if it was asked for before.
  var attributes: EventView {
    if let view { return view }
    let made = EventView(trigger, trigger.payload, readsData: false)
    view = made
    return made
  }

  /// With the data, which is parsed once.
  var withData: EventView {
    guard !hasData else { return attributes }
    var made = attributes
    made.data = parsed?.content ?? EventView.Content(trigger.payload)
    (view, hasData) = (made, true)
    return made
  }
}
