import EventCore

/// Every bound of a worker, with its reason.
enum WorkerLimits {
  /// Attempts that a worker may make at once; the gateway takes no more credit at a time.
  static let concurrencyMax = 1_000

  /// Functions of one worker, as the gateway has it.
  static let functionsMax = 256

  /// Output that is kept of an attempt until its result is acknowledged, for it may have to be sent
  /// again. One byte more than the gateway keeps: it marks the output as cut.
  static let outputBytesMax = Limits.outputBytesMax + 1

  /// The output in one message.
  static let chunkBytesMax = 64 << 10

  /// Log lines of an attempt that wait to be sent; the oldest are dropped, as the gateway does.
  static let logLinesMax = Limits.logLinesMax

  /// Results without an acknowledgement: while there are as many, the worker asks for no more work.
  static let unacknowledgedMax = 1_000

  /// From connecting to Welcome. Afterwards the gateway says how often it is heard.
  static let welcomeTimeout = Duration.seconds(20)

  /// How late a silence may be noticed.
  static let silenceCheckInterval = Duration.seconds(1)
}
