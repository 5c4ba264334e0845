import ArgumentParser
import EventCore
import EventGateway
import GRPC
import Messages
import NIOCore
import NIOPosix

/// What every client command takes.
struct GatewayOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      The gateway to talk to: host:port or unix:/path; of several with commas between them, the \
      first that answers (or the variable EVENT_GATEWAY).
      """,
      valueName: "addresses"))
  var gateway: GatewayAddresses?

  @Option(help: ArgumentHelp("The organization.", valueName: "name"))
  var org: String?

  @Option(help: ArgumentHelp("How long the call may take.", valueName: "seconds"))
  var timeout: Double?

  @Option(name: [.customShort("o"), .long], help: "text, or json: one object per line.")
  var output = OutputFormat.text

  @OptionGroup(title: "TLS") var tls: ClientTLSOptions

  enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json
  }

  func validate() throws {
    if let timeout, !(timeout > 0 && timeout < 1_000_000) {
      throw ValidationError("--timeout must be a number of seconds above 0")
    }
  }

  /// Runs a command's calls. A failed one is explained on stderr and ends the program with 1.
  func run(_ body: (GatewayClient) async throws -> Void) async throws {
    let connection: GRPCClient
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    do {
      var configuration = GRPCClient.Configuration(endpoints: try addresses().endpoints)
      configuration.tls = try tls.credentials()
      connection = GRPCClient(configuration, group: group)
      let client = GatewayClient(
        connection, organization: try org.map { name in try Organization(name) },
        timeout: timeout.map { .seconds($0) })
      try await body(client)
    } catch let error as any ExplainedError {
      printError(error.explanation)
      throw ExitCode.failure
    }
    await connection.close()
    try? await group.shutdownGracefully()
  }

  private func addresses() throws -> GatewayAddresses {
    if let gateway { return gateway }
    guard let text = environment("EVENT_GATEWAY") else {
      return GatewayAddresses(endpoints: [Endpoint(host: "127.0.0.1", port: 7070)])
    }
    guard let addresses = GatewayAddresses(argument: text) else {
      throw ValidationError(
        """
        EVENT_GATEWAY is '\(text)'; it must be HOST:PORT or unix:PATH, or several of them with \
        commas between
        """)
    }
    return addresses
  }

  /// Prints one resource, or one message of a stream.
  func show(_ message: some WireMessage) {
    switch output {
    case .json: print(message.tree.json)
    case .text: print(message.tree.outline)
    }
  }

  /// Prints what was done: as text in words, as JSON the resource.
  func report(_ words: String, _ message: some WireMessage) {
    switch output {
    case .json: print(message.tree.json)
    case .text: print(words)
    }
  }

  /// Prints resources, as text in columns.
  func show<Message: WireMessage>(_ messages: [Message], columns: [Column]) {
    switch output {
    case .json: for message in messages { print(message.tree.json) }
    case .text: print(table(messages.map(\.tree), columns))
    }
  }
}
