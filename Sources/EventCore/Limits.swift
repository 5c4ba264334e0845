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

  package static let attemptsMax = 100
  package static let attemptTimeoutMax = Duration.seconds(3_600)
  package static let backoffMax = Duration.seconds(86_400)
  package static let ageMax = Duration.seconds(14 * 86_400)
  package static let concurrencyPerFunctionMax = 1_000

  /// Definitions are matched in memory; this bounds what one organization can take of it.
  package static let definitionsPerKindMax = 100_000
  package static let pageSizeDefault = 50
  package static let pageSizeMax = 1_000
  /// Ends a page early: an answer stays below the 4 MiB that clients take by default.
  package static let pageBytesMax = 2 << 20
  /// How long a create's `request_id` returns its first answer.
  package static let requestIDWindow = Duration.seconds(86_400)
}
