/// The trigger that follows from an invocation that failed for good: `DeliveryPolicy.deadLetterEvent`.
///
/// Its payload and type are those that the function could not take, so that it can be delivered
/// again; what happened is in its metadata, under keys that start with `dead-letter-`. The user's own
/// metadata goes with it as far as there is room.
package enum DeadLetter {
  /// - Parameters:
  ///   - invocation: FAILED, of `trigger`.
  ///   - event: the name of the event to trigger.
  /// - Returns: nil past `Limits.deadLetterHopsMax`.
  package static func trigger(
    of invocation: Invocation, _ trigger: Trigger, to event: String, at now: Timestamp
  ) -> Trigger? {
    guard trigger.deadLetterHops < Limits.deadLetterHopsMax else { return nil }
    var letter = Trigger()
    letter.triggerID = UniqueID(at: now)
    letter.organization = trigger.organization
    letter.event = event
    letter.payload = trigger.payload
    letter.source = trigger.source
    letter.receivedAt = now
    letter.deadLetterHops = trigger.deadLetterHops + 1
    letter.metadata = metadata(of: invocation, trigger)
    return letter
  }

  private static let prefix = "dead-letter-"

  private static func metadata(
    of invocation: Invocation, _ trigger: Trigger
  ) -> [String: String] {
    var own = [
      "event": trigger.event,
      "trigger-id": trigger.triggerID.description,
      "invocation-id": invocation.id.description,
      "subscription-id": invocation.subscriptionID,
      "function-id": invocation.functionID,
      "attempts": String(invocation.attempts.last?.number ?? 0),
    ]
    if let error = invocation.error {
      own["error-code"] = error.code
      own["error-message"] = error.message.cut(toBytes: Limits.metadataValueBytesMax)
    }
    var metadata = Dictionary(uniqueKeysWithValues: own.map { (prefix + $0.key, $0.value) })
    var bytes = metadata.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
    for (key, value) in trigger.metadata.sorted(by: { $0.key < $1.key }) {
      // An earlier dead letter's say is replaced by this one's.
      guard !key.hasPrefix(prefix), metadata.count < Limits.metadataPairsMax else { continue }
      bytes += key.utf8.count + value.utf8.count
      guard bytes <= Limits.metadataBytesMax else { break }
      metadata[key] = value
    }
    return metadata
  }
}
