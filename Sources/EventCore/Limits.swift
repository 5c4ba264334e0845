/// Every bound of the domain, with its reason. The transport's are in GRPC/Limits.swift, the
/// store's in SQLiteStore/Limits.swift, the executors' in Executors/Limits.swift.
package enum Limits {
  /// Names and ids: long enough for a reversed domain name, short enough for a log line.
  package static let nameBytesMax = 128
  /// The user's own key-value pairs on a resource or a trigger.
  package static let metadataPairsMax = 64
  package static let metadataKeyBytesMax = 128
  package static let metadataValueBytesMax = 1_024
  package static let metadataBytesMax = 16_384

  /// One trigger's payload; with its envelope it stays far below the 4 MiB gRPC message limit.
  package static let payloadBytesMax = 1 << 20
  /// An event's default payload; definitions are held in memory, so it is smaller.
  package static let defaultPayloadBytesMax = 64 << 10
  package static let dataTypeBytesMax = 128
  /// An event's schema as text.
  package static let schemaBytesMax = 256 << 10
  /// Of an event's schemas, the newest are kept.
  package static let schemaRevisionsMax = 100
  /// What a client is told of a payload that violates its schema.
  package static let schemaViolationsMax = 20
  /// A filter's or template's text; definitions are held in memory.
  package static let expressionBytesMax = 16 << 10
  /// A CloudEvent's id; with its source it is the trigger's request id.
  package static let cloudEventIDBytesMax = 256
  /// Events in one EmitCloudEvents.
  package static let cloudEventsPerBatchMax = 1_000
  package static let sourceBytesMax = 512
  package static let requestIDBytesMax = 128

  /// Invocations that one trigger may create.
  package static let invocationsPerTriggerMax = 1_000
  /// What is kept of a function's output; the rest is cut off and marked as truncated.
  package static let outputBytesMax = 256 << 10
  package static let logLinesMax = 256
  package static let logLineBytesMax = 4_096
  package static let errorMessageBytesMax = 2_048

  package static let commandArgumentsMax = 64
  package static let commandArgumentBytesMax = 4_096
  package static let urlBytesMax = 2_048
  package static let headersMax = 32
  /// Of one gRPC function: they are tried one after another.
  package static let grpcAddressesMax = 16
  /// Of a Unix domain socket (`sun_path`, less its end).
  package static let socketPathBytesMax = 107
  /// Most servers take 8 KiB of headers, and the gateway's own come to them.
  package static let grpcMetadataBytesMax = 8 << 10
  package static let authoritiesBytesMax = 64 << 10
  /// Of an error's code that a function names itself.
  package static let errorCodeBytesMax = 64
  /// Of a connection to an HTTP endpoint, TLS included: longer than one that is alive takes.
  package static let connectTimeout = Duration.milliseconds(100)...Duration.seconds(60)
  /// Of the response's head. The attempt's timeout bounds it, too.
  package static let responseTimeout = Duration.milliseconds(100)...attemptTimeoutMax
  /// A secret and the one that replaces it.
  package static let signingSecretsMax = 2
  /// Standard Webhooks: 192 to 512 bits.
  package static let signingSecretBytes = 24...64

  /// Of one function; each takes memory for as long as it lives.
  package static let keptProcessesMax: Int32 = 64
  package static let keptIdleTimeout = Duration.seconds(1)...Duration.seconds(86_400)

  package static let attemptsMax = 100
  /// Of an assignment to a worker until it is started.
  package static let startTimeout = Duration.seconds(1)...Duration.seconds(600)
  package static let attemptTimeoutMax = Duration.seconds(3_600)
  package static let backoffMax = Duration.seconds(86_400)
  package static let ageMax = Duration.seconds(14 * 86_400)
  package static let concurrencyPerFunctionMax = 1_000
  /// The JSON pointer of a concurrency key.
  package static let concurrencyKeyBytesMax = 256
  /// Attempts per second: about one a day is the least that a rate is for.
  package static let rateRange = 0.00001...100_000
  package static let burstMax: Int32 = 100_000
  package static let circuitFailuresMax: Int32 = 1_000
  package static let circuitOpenTime = Duration.milliseconds(100)...Duration.seconds(86_400)
  package static let circuitSuccessesMax: Int32 = 100

  /// Members of a group: each change of one looks at all.
  package static let groupMembersMax = 32
  package static let groupWeightMax: Int32 = 10_000
  /// Of a subscription, both ways.
  package static let priorityMax: Int32 = 100
  package static let groupTimeoutMax = Duration.seconds(14 * 86_400)

  package static let orderingKeyBytesMax = 256
  /// How far ahead a trigger may be put off.
  package static let deliverAtMax = Duration.seconds(366 * 86_400)
  /// Dead-letter events that may follow from each other: a dead letter whose own functions fail, and
  /// so on. Past it a dead letter stays in the list, and triggers nothing.
  package static let deadLetterHopsMax: Int32 = 4
  package static let finalCodesMax = 32
  package static let finalCodeBytesMax = 64
  package static let stateReasonBytesMax = 512

  /// How long finished triggers are kept, unless the event says otherwise.
  package static let retentionDefault = Duration.seconds(7 * 86_400)
  /// The same for those that have dead letters.
  package static let deadLetterRetentionDefault = Duration.seconds(30 * 86_400)
  package static let retentionMin = Duration.seconds(1)
  package static let retentionMax = Duration.seconds(3_650 * 86_400)
  /// How long the log of changes is kept that WatchInvocations resumes in.
  package static let changesWindow = Duration.seconds(3 * 86_400)

  /// Unfinished invocations of one function, held and delayed ones included. Past it a trigger is
  /// refused: what is accepted is never dropped.
  package static let backlogPerFunctionMax = 1_000_000
  /// The same for the whole gateway; at 400 bytes each, 4 GB of disk. One organization may have half of
  /// it, unless the operator says otherwise: it can't keep the others out.
  package static let backlogMax = 10_000_000

  /// Definitions are matched in memory; this bounds what one organization can take of it.
  package static let definitionsPerKindMax = 100_000
  package static let pageSizeDefault = 50
  package static let pageSizeMax = 1_000
  /// Ends a page early: an answer stays below the 4 MiB that clients take by default.
  package static let pageBytesMax = 2 << 20
  /// How long a `request_id` returns its first answer; a trigger that has one is kept as long.
  package static let requestIDWindow = Duration.seconds(86_400)
}
