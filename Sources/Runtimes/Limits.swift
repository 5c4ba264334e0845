import EventCore

/// Every bound of the runtimes, with its reason.
package enum RuntimeLimits {
  /// From the first signal to a process group (SIGTERM) to the last (SIGKILL).
  package static let terminationGrace = Duration.seconds(2)

  /// What is still read from a process that has exited, or has answered: as much as a pipe can hold.
  /// Only a child that left the process group, or one that writes on and on, could write more.
  package static let drainBytesMax = 1 << 20

  /// Commands at once, of one organization that is alone half; each takes up to
  /// `descriptorsPerCommand` of the gateway's descriptors.
  package static let commandsMax = 1_024

  /// Two pipes, the payload, and what a start needs in passing.
  package static let descriptorsPerCommand = 8

  /// Kept processes at once, of all functions, beside the commands.
  package static let keptProcessesMax = 256

  /// What a kept process may answer in a line: as much output as is kept, in base64 or escaped.
  package static let answerBytesMax = 2 << 20

  /// How long a process waits to be started again that died before it had answered anything: the
  /// first time, doubled up to the last. So one that is broken costs little, and what waits for it
  /// is not used up in a moment.
  static let restartBackoffMin = Duration.milliseconds(100)
  static let restartBackoffMax = Duration.seconds(5)

  /// A kept process may live for good; a wait needs an end.
  static let keptLifeMax = Duration.seconds(100 * 365 * 86_400)

  /// A process lives no longer, whoever forgets to cancel it.
  static let processLifeMax = Limits.attemptTimeoutMax + .seconds(60)

  /// Open connections to one host. As many as attempts run at once in the whole pool: a request that
  /// had to wait for a connection would fail at its target's connect timeout, however patient its
  /// attempt.
  package static let connectionsPerHostMax = 4 * Limits.concurrencyPerFunctionMax

  /// An idle connection is kept for the next request.
  package static let idleConnectionTimeout = Duration.seconds(30)

  /// Of a connection to a gRPC function; an HTTP function says its own.
  package static let connectTimeout = Duration.seconds(10)

  /// Between two tries to connect to a gRPC function, from the first that failed to the last. The
  /// delivery policy spaces the attempts of an invocation; this keeps those of many from dialing as fast
  /// as they fail.
  package static let reconnectMin = Duration.milliseconds(100)
  package static let reconnectMax = Duration.seconds(1)

  /// A gRPC function that says nothing for so long is asked whether it is still there. Many servers
  /// hold a PING more often than every 5 minutes for an attack (gRFC A8).
  package static let keepaliveTime = Duration.seconds(330)

  /// Channels to gRPC functions that have no call are kept that long, and so many of them: each has a
  /// connection, and as many as attempts may run have one besides.
  package static let idleChannelTimeout = Duration.seconds(300)
  package static let idleChannelsMax = 256

  /// Responses of 1xx before the final one: more than a server has to say.
  package static let interimResponsesMax = 16

  /// Sets of authorities that are kept parsed; most targets have the system's.
  static let authoritiesMax = 64

  /// A server that asks for a later retry is taken at its word up to here; the delivery policy may
  /// cut it further.
  package static let retryAfterMax = Limits.backoffMax
}
