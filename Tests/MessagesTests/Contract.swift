/// What of proto/ this version maps in a way of its own, or not at all. Every field that is not
/// here must survive a round trip.
enum Contract {
  /// A client that sets one of these is refused.
  static let refused: Set<String> = Set(
    names("Subscription", "batch"))

  /// Output only, and this version has nothing to say in them. From a client they are ignored, as
  /// AIP-203 asks.
  static let silent: Set<String> = Set(
    [
      "google.rpc.ErrorInfo.metadata", "google.rpc.ResourceInfo.owner",
      "google.rpc.ResourceInfo.description",
      "grpc.reflection.v1.ServerReflectionResponse.all_extension_numbers_response",
    ])

  /// For the gateway alone: what it sends does not have them. Tested in SigningTests.
  static let inputOnly: Set<String> = Set(names("HttpTarget.Signing", "secrets"))

  /// Mapped by private types of Messages, tested as part of the messages that have them.
  static let parts: Set<String> = [
    "google.protobuf.Timestamp", "google.protobuf.Duration", "dispatch.events.v1.KeepAlive",
    "dispatch.events.v1.WorkerMessage.Drain",
  ]

  /// grpc.reflection.v1alpha is the same on the wire as v1, and served by its types.
  static let sameOnTheWire = ["grpc.reflection.v1alpha.": "grpc.reflection.v1."]

  static let unmapped = refused.union(silent).union(inputOnly)

  private static func names(_ message: String, _ fields: String...) -> [String] {
    fields.map { "dispatch.events.v1.\(message).\($0)" }
  }
}
