import ArgumentParser
import EventCore
import GRPC
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import UnixSignals
import Workers

struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs the gateway.",
    discussion: """
      Prints one line on stdout for each address once it accepts connections; logs go to stderr. \
      SIGTERM and SIGINT drain it: open calls end, running functions finish, up to --drain-seconds. \
      SIGHUP reads the TLS files again.
      """)

  @Option(
    help: ArgumentHelp(
      "Where to listen: host:port (0 picks a free port) or unix:/path. May be repeated.",
      valueName: "address"))
  var listen: [Endpoint] = [Endpoint(host: "127.0.0.1", port: 7070)]

  @OptionGroup var tls: ServerTLSOptions

  @Option(help: ArgumentHelp("Directory of the database; made if needed.", valueName: "dir"))
  var data = "./data"

  @Option(
    help: ArgumentHelp(
      "Directory whose commands may be registered as functions. May be repeated.",
      valueName: "dir"))
  var allowProcess: [String] = []

  @Option(
    help: ArgumentHelp("Unfinished invocations in all; more are refused.", valueName: "n"))
  var backlogMax = Limits.backlogMax

  @Option(
    help: ArgumentHelp(
      "Unfinished invocations of one organization; half of --backlog-max by default.",
      valueName: "n"))
  var backlogPerOrganizationMax: Int?

  @Option(
    help: ArgumentHelp("Unfinished invocations of one function.", valueName: "n"))
  var backlogPerFunctionMax = Limits.backlogPerFunctionMax

  @Option(help: "How long open calls and running functions may go on at the end.")
  var drainSeconds = 10

  @Option(
    help: ArgumentHelp(
      "How often workers are pinged; one that is silent for two of them is lost.",
      valueName: "time"))
  var workerPing = Span(WorkerTimes().pingInterval)

  @Option(
    help: ArgumentHelp(
      "How long a lost worker's assignments wait for it to reconnect.", valueName: "time"))
  var workerGrace = Span(WorkerTimes().gracePeriod)

  @Option(help: "trace, debug, info, notice, warning, error or critical.")
  var logLevel = "info"

  @OptionGroup(title: "Connections") var connections: ConnectionOptions

  func validate() throws {
    guard (0...3_600).contains(drainSeconds) else {
      throw ValidationError("--drain-seconds must be from 0 to 3600")
    }
    for (name, span) in [("worker-ping", workerPing), ("worker-grace", workerGrace)] {
      guard span.duration >= .milliseconds(100), span.duration <= .seconds(3_600) else {
        throw ValidationError("--\(name) must be from 100ms to 1h")
      }
    }
    for (name, bound) in [
      ("backlog-max", backlogMax), ("backlog-per-function-max", backlogPerFunctionMax),
      ("backlog-per-organization-max", backlogPerOrganizationMax ?? 1),
    ] {
      guard bound > 0 else { throw ValidationError("--\(name) must be above 0") }
    }
    guard Logger.Level(rawValue: logLevel) != nil else {
      let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("--log-level is '\(logLevel)'; it must be one of \(levels)")
    }
  }

  func run() async throws {
    LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
    var logger = Logger(label: "event-gateway")
    logger.logLevel = Logger.Level(rawValue: logLevel) ?? .info
    let filesMax = OpenFiles.raiseLimit()
    logger.debug("open files", metadata: ["max": "\(filesMax)"])
    do {
      let server = try GatewayServer(configuration(filesMax: filesMax), logger: logger)
      let group = ServiceGroup(
        configuration: .init(
          services: [.init(service: server, successTerminationBehavior: .gracefullyShutdownGroup)],
          gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
      try await group.run()
    } catch let error as any ExplainedError {
      printError(error.explanation)
      throw ExitCode.failure
    }
  }

  private func configuration(filesMax: Int) throws -> GatewayServer.Configuration {
    let credentials = try tls.credentials()
    var configuration = GatewayServer.Configuration(
      listeners: listen.map { .init($0, tls: $0.isUnix ? nil : credentials) }
        + tls.listenPlaintext.map { .init($0) },
      tls: credentials,
      connections: connections.limits(filesMax: filesMax, drainSeconds: drainSeconds), data: data,
      allowProcess: allowProcess,
      drain: .seconds(drainSeconds),
      filesMax: filesMax, backlogMax: backlogMax,
      backlogPerOrganizationMax: backlogPerOrganizationMax ?? max(1, backlogMax / 2),
      backlogPerFunctionMax: backlogPerFunctionMax)
    configuration.workerTimes.pingInterval = workerPing.duration
    configuration.workerTimes.gracePeriod = workerGrace.duration
    return configuration
  }
}
