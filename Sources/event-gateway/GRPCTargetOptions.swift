import ArgumentParser
import EventCore

/// A gRPC service as a function.
struct GRPCTargetOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      A gRPC service that implements dispatch.functions.v1.Function: host:port or unix:/path; of \
      several with commas between them, the first that answers.
      """,
      valueName: "addresses"))
  var grpc: String?

  @Flag(help: "Talk TLS with it, and trust the authorities of the gateway's system.")
  var grpcTls = false

  /// What is in the file.
  @Option(
    help: ArgumentHelp(
      "Talk TLS with it, and trust the authorities of this PEM file.", valueName: "file"),
    transform: { String(decoding: try readFile($0), as: UTF8.self) })
  var grpcCa: String?

  @Option(
    help: ArgumentHelp(
      "Talk TLS with it; the name that its certificate must have, if not that of --grpc.",
      valueName: "name"))
  var grpcServerName: String?

  @Option(help: ArgumentHelp("Sent with every call; may be repeated.", valueName: "k=v"))
  var grpcMetadata: [Pair] = []

  func validate() throws {
    guard grpc == nil, usesTLS || !grpcMetadata.isEmpty else { return }
    throw ValidationError(
      "--grpc-tls, --grpc-ca, --grpc-server-name and --grpc-metadata need --grpc")
  }

  private var usesTLS: Bool { grpcTls || grpcCa != nil || grpcServerName != nil }

  var isGiven: Bool { grpc != nil }

  /// Nil without --grpc.
  var target: Function.Target? {
    guard let grpc else { return nil }
    var target = GRPCTarget()
    target.address = grpc
    target.usesTLS = usesTLS
    target.serverName = grpcServerName ?? ""
    target.authorities = grpcCa ?? ""
    target.metadata = grpcMetadata.dictionary
    return .grpc(target)
  }
}
