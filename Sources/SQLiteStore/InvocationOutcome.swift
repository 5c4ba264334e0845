import EventCore

/// What attempts leave behind: everything of an invocation that SQL never looks into, kept as one
/// compact blob.
///
/// One blob and not a row for each attempt and line of log: an invocation is always written and
/// read as a whole, most have one attempt, and the bounds in EventCore keep the rest small.
struct InvocationOutcome {
  var attempts: [Attempt]
  var output: Output?
  var logs: [LogLine]
  var error: InvocationError?
  var redrive: Invocation.Redrive?

  init(of invocation: Invocation) {
    attempts = invocation.attempts
    output = invocation.output
    logs = invocation.logs
    error = invocation.error
    redrive = invocation.redrive
  }

  /// Whether the state alone says as much, so that it need not be stored: nothing has happened, or
  /// its group didn't need it.
  func isImplied(by state: Invocation.State) -> Bool {
    attempts.isEmpty && output == nil && logs.isEmpty && redrive == nil
      && error == (state == .skipped ? .skippedByGroup : nil)
  }
}

extension InvocationOutcome {
  /// The first byte. A later form takes the next number, and reads them all. The second added
  /// `redrive`, the third the attempts' workers.
  private static let version: UInt8 = 3

  func encoded() -> [UInt8] {
    var writer = BlobWriter()
    writer.count(Self.version)
    writer.list(attempts) { $0.attempt($1) }
    writer.optional(output) { writer, output in
      writer.text(output.payload.dataType)
      writer.flag(output.isTruncated)
      writer.data(output.payload.data)
    }
    writer.list(logs) { writer, line in
      writer.integer(line.time.nanoseconds)
      writer.count(UInt32(bitPattern: line.attempt))
      writer.text(line.text)
    }
    writer.optional(error) { $0.error($1) }
    writer.optional(redrive) { writer, redrive in
      writer.integer(redrive.time.nanoseconds)
      writer.count(UInt32(bitPattern: redrive.attempts))
    }
    return writer.bytes
  }

  init(decoding bytes: UnsafeRawBufferPointer) throws(SQLiteError) {
    var reader = BlobReader(bytes)
    let version = try reader.count()
    guard (1...UInt64(Self.version)).contains(version) else {
      throw .damaged("an outcome of version \(version)")
    }
    attempts = try reader.list { (reader) throws(SQLiteError) in
      try reader.attempt(version: version)
    }
    output = try reader.optional { (reader) throws(SQLiteError) in
      let dataType = try reader.text()
      let isTruncated = try reader.flag()
      let payload = Payload(data: try reader.data(), dataType: dataType)
      return Output(payload: payload, isTruncated: isTruncated)
    }
    logs = try reader.list { (reader) throws(SQLiteError) in
      let time = Timestamp(nanoseconds: try reader.integer())
      let attempt = Int32(truncatingIfNeeded: try reader.count())
      return LogLine(time: time, attempt: attempt, text: try reader.text())
    }
    error = try reader.optional { (reader) throws(SQLiteError) in try reader.error() }
    if version >= 2 {
      redrive = try reader.optional { (reader) throws(SQLiteError) in
        let time = Timestamp(nanoseconds: try reader.integer())
        let attempts = Int32(truncatingIfNeeded: try reader.count())
        return Invocation.Redrive(at: time, after: attempts)
      }
    }
    guard reader.isAtEnd else { throw .damaged("an outcome is too long") }
  }
}

extension BlobWriter {
  fileprivate mutating func attempt(_ attempt: Attempt) {
    count(UInt32(bitPattern: attempt.number))
    integer(attempt.startTime.nanoseconds)
    optional(attempt.endTime) { $0.integer($1.nanoseconds) }
    optional(attempt.error) { $0.error($1) }
    text(attempt.worker)
  }

  fileprivate mutating func error(_ error: InvocationError) {
    count(error.errorClass.rawValue)
    text(error.code)
    text(error.message)
    flag(error.isFinal)
    optional(error.retryAfter) { $0.integer($1.wholeNanoseconds) }
  }
}

extension BlobReader {
  fileprivate mutating func attempt(version: UInt64) throws(SQLiteError) -> Attempt {
    var attempt = Attempt()
    attempt.number = Int32(truncatingIfNeeded: try count())
    attempt.startTime = Timestamp(nanoseconds: try integer())
    attempt.endTime = try optional { (reader) throws(SQLiteError) in
      Timestamp(nanoseconds: try reader.integer())
    }
    attempt.error = try optional { (reader) throws(SQLiteError) in try reader.error() }
    if version >= 3 { attempt.worker = try text() }
    return attempt
  }

  fileprivate mutating func error() throws(SQLiteError) -> InvocationError {
    let rawClass = Int32(truncatingIfNeeded: try count())
    guard let errorClass = InvocationError.Class(rawValue: rawClass) else {
      throw .damaged("an error of class \(rawClass)")
    }
    var error = InvocationError(errorClass, code: try text(), message: try text())
    error.isFinal = try flag()
    error.retryAfter = try optional { (reader) throws(SQLiteError) in
      .nanoseconds(try reader.integer())
    }
    return error
  }
}
