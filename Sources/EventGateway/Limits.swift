/// Every bound of the services, with its reason. The domain's are in EventCore/Limits.swift.
enum GatewayLimits {
  /// Messages of one EmitEvents call that are not answered yet. Past it the call stops reading: enough
  /// to fill the store's transactions, and no reason to send more before something is durable.
  static let emitsInFlightMax = 1_024
  /// The same in bytes on the wire; goes over it by one message.
  static let emitBytesInFlightMax = 8 << 20

  /// Messages of one EmitEvents call that share a commit, if they came together.
  static let emitsPerCommit = 256

  /// Events of one EmitCloudEvents that share a commit: enough that a commit costs little for each, and
  /// few enough that those of other calls get their turn.
  static let cloudEventsPerCommit = 250
  /// The same in invocations; goes over it by one event's.
  static let cloudEventInvocationsPerCommit = 2_000

  /// A `reason` is shown with each invocation that it ended.
  static let reasonBytesMax = 512

  /// Each text of a schema violation: names of a payload may be as long as it.
  static let violationTextBytesMax = 1_024

  /// What one RedriveDeadLetters or ReplayTriggers treats.
  static let redriveMax = 10_000
  static let replayMax = 10_000
  /// Dead letters of one commit: other calls' commits come in between.
  static let redriveBatch = 500
  /// Triggers that ReplayTriggers reads at once; `Limits.pageBytesMax` bounds their payloads.
  static let replayPage = 100

  /// What ExplainTrigger shows of the event, and of what a transform makes of it.
  static let explainedEventBytesMax = 64 << 10
  static let explainedDataBytesMax = 4 << 10

  /// How often a call that does much asks again while the store is overloaded.
  static let storeTriesMax = 5

  /// When to come back to a backlog that is full: soon enough for one that is being worked off, and no
  /// load for one that is not.
  static let backlogRetryAfter = Duration.seconds(1)
}
