import ArgumentParser
import EventCore
import GRPC
import NIOCore

/// What `serve` asks of its clients' connections.
struct ConnectionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Connections at once; more are refused.", valueName: "n"))
  var connectionsMax = ServerLimits().connectionsMax

  @Option(
    help: ArgumentHelp(
      "Connections of one address (of IPv6, one /64); behind a TCP proxy that is all of them.",
      valueName: "n"))
  var connectionsPerPeerMax = ServerLimits().connectionsPerPeerMax

  @Option(
    help: ArgumentHelp(
      "MiB that all calls together may hold: messages that wait to be handled or sent.",
      valueName: "mib"))
  var bufferedMax = ServerLimits().heldBytesMax >> 20

  @Option(
    help: ArgumentHelp(
      "How long a connection may have no call; then it is ended gracefully.", valueName: "time"))
  var connectionIdleMax = Span(ServerLimits().idleTimeout)

  @Option(
    help: ArgumentHelp(
      "Age at which a connection is ended gracefully, so that clients spread anew. Never by default.",
      valueName: "time"))
  var connectionAgeMax: Span?

  @Option(
    help: ArgumentHelp(
      "How long the calls of such a connection may go on. As --drain-seconds by default.",
      valueName: "time"))
  var connectionAgeGrace: Span?

  @Option(
    help: ArgumentHelp(
      "Silence of a client after which it is sent a PING, to find out if it is still there.",
      valueName: "time"))
  var keepalive = Span(ServerLimits().keepaliveTime)

  @Option(
    help: ArgumentHelp("How long the answer to that PING may take.", valueName: "time"))
  var keepaliveTimeout = Span(ServerLimits().keepaliveTimeout)

  @Option(
    help: ArgumentHelp(
      "PINGs of a client that come faster than this are strikes.", valueName: "time"))
  var pingIntervalMin = Span(ServerLimits().pingIntervalMin)

  @Option(
    help: ArgumentHelp(
      "Strikes that a client may have; one more ends its connection.", valueName: "n"))
  var pingStrikesMax = ServerLimits().pingStrikesMax

  @Flag(
    inversion: .prefixedNo,
    help: "Whether a client without calls may send PINGs as often as one with calls.")
  var idlePings = ServerLimits().permitsPingsWithoutStreams

  @Option(
    help: """
      What responses are compressed with for clients that accept it: \
      \(ResponseCompression.allCases.map(\.rawValue).joined(separator: ", ")).
      """)
  var responseCompression = ResponseCompression.none

  enum ResponseCompression: String, ExpressibleByArgument, CaseIterable {
    case none, gzip, deflate

    var encoding: MessageEncoding {
      switch self {
      case .none: .identity
      case .gzip: .gzip
      case .deflate: .deflate
      }
    }
  }

  func validate() throws {
    for (name, bound) in [
      ("connections-max", connectionsMax), ("connections-per-peer-max", connectionsPerPeerMax),
    ] {
      guard bound > 0 else { throw ValidationError("--\(name) must be above 0") }
    }
    guard (1...1_048_576).contains(bufferedMax) else {
      throw ValidationError("--buffered-max must be from 1 to 1048576 MiB")
    }
    guard pingStrikesMax >= 0 else { throw ValidationError("--ping-strikes-max must be 0 or more") }
    guard pingIntervalMin.duration <= .seconds(86_400) else {
      throw ValidationError("--ping-interval-min must be at most 1d")
    }
    for (name, span) in [
      ("connection-idle-max", connectionIdleMax), ("connection-age-max", connectionAgeMax),
      ("connection-age-grace", connectionAgeGrace), ("keepalive", keepalive),
      ("keepalive-timeout", keepaliveTimeout),
    ] {
      guard let span else { continue }
      // They are looked at once a second.
      guard span.duration >= .seconds(1), span.duration <= .seconds(86_400 * 365) else {
        throw ValidationError("--\(name) must be from 1s to 365d")
      }
    }
  }

  /// - Parameter filesMax: how many files this process may have open; half of them are for
  ///   connections.
  func limits(filesMax: Int, drainSeconds: Int) -> ServerLimits {
    var limits = ServerLimits()
    limits.connectionsMax = min(connectionsMax, max(1, filesMax / 2))
    limits.connectionsPerPeerMax = connectionsPerPeerMax
    limits.heldBytesMax = bufferedMax << 20
    limits.idleTimeout = connectionIdleMax.time
    limits.connectionAgeMax = connectionAgeMax?.time
    limits.connectionAgeGrace = connectionAgeGrace?.time ?? .seconds(Int64(drainSeconds))
    limits.keepaliveTime = keepalive.time
    limits.keepaliveTimeout = keepaliveTimeout.time
    limits.pingIntervalMin = pingIntervalMin.time
    limits.pingStrikesMax = pingStrikesMax
    limits.permitsPingsWithoutStreams = idlePings
    limits.responseEncoding = responseCompression.encoding
    return limits
  }
}

extension Span {
  fileprivate init(_ time: TimeAmount) { self.init(Duration.nanoseconds(time.nanoseconds)) }

  fileprivate var time: TimeAmount { .nanoseconds(duration.wholeNanoseconds) }
}
