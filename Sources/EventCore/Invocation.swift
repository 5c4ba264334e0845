/// One function run for one trigger and one subscription.
package struct Invocation: Hashable, Sendable {
  package var id = InvocationID(triggerID: UniqueID(high: 0, low: 0), ordinal: 0)
  package var subscriptionID = ""
  package var functionID = ""
  /// The subscription's group at acceptance; empty for none.
  package var groupID = ""
  /// The subscription's at acceptance: higher ones go first.
  package var priority: Int32 = 0
  package var state = State.pending
  package var attempts: [Attempt] = []
  /// The last attempt's output; nil until one brought some.
  package var output: Output?
  /// Of all attempts, the latest `Limits.logLinesMax`.
  package var logs: [LogLine] = []
  /// Why it failed, or why it is being retried.
  package var error: InvocationError?
  /// When the next attempt is due; nil once it is finished.
  package var nextAttemptTime: Timestamp?
  /// Why it may not start although it is due.
  package var holds: Holds = []
  /// Counts the changes, from 0 at acceptance; holds don't count. The transitions count it up, and a
  /// store refuses what isn't the next one.
  package var revision: Int32 = 0
  /// The last time it was taken up again after it had failed; nil if it never was.
  package var redrive: Redrive?

  package init() {}

  /// What an unfinished invocation waits for, besides its time. Stores keep the raw value.
  package struct Holds: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// An earlier one of the same subscription and ordering key is unfinished.
    package static let order = Holds(rawValue: 1)
    /// Its group's strategy has not come to it.
    package static let group = Holds(rawValue: 2)
    /// Its subscription is paused.
    package static let pause = Holds(rawValue: 4)
    /// As many of its concurrency key run as may. Set and taken away by its lane.
    package static let key = Holds(rawValue: 8)
  }

  /// A new start: attempts and age count from it.
  package struct Redrive: Hashable, Sendable {
    package var time: Timestamp
    /// The number of the last attempt before it.
    package var attempts: Int32

    package init(at time: Timestamp, after attempts: Int32) {
      self.time = time
      self.attempts = attempts
    }
  }

  /// ```
  /// PENDING ──▶ RUNNING ──▶ SUCCEEDED | FAILED | CANCELLED
  ///    ╎          ▲  │
  ///    ╎          │  ▼
  ///    ╎        RETRYING
  ///    └──▶ SKIPPED | CANCELLED        FAILED | CANCELLED | SKIPPED ──(redrive)──▶ PENDING
  /// ```
  /// RUNNING is what the executor pool knows; the store keeps PENDING or RETRYING until an attempt
  /// ends, so that a crash puts the invocation back where it was.
  package enum State: Int32, CaseIterable, Sendable {
    case pending = 1
    case running, retrying, succeeded, failed, cancelled, skipped

    package var isTerminal: Bool {
      switch self {
      case .pending, .running, .retrying: false
      case .succeeded, .failed, .cancelled, .skipped: true
      }
    }
  }
}

/// A trigger's id and the invocation's place among the trigger's invocations, from 0.
package struct InvocationID: Hashable, Sendable, LosslessStringConvertible {
  package let triggerID: UniqueID
  package let ordinal: Int

  package init(triggerID: UniqueID, ordinal: Int) {
    self.triggerID = triggerID
    self.ordinal = ordinal
  }

  /// `<trigger id>.<ordinal>`; opaque to clients.
  package var description: String {
    // At most four digits follow.
    String(unsafeUninitializedCapacity: UniqueID.textBytes + 5) { text in
      var end = triggerID.write(to: text)
      text[end] = UInt8(ascii: ".")
      end += 1
      var scale = 1
      while ordinal / scale >= 10 { scale *= 10 }
      while scale > 0 {
        text[end] = UInt8(ascii: "0") + UInt8(ordinal / scale % 10)
        end += 1
        scale /= 10
      }
      return end
    }
  }

  package init?(_ text: String) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, let triggerID = UniqueID(String(parts[0])),
      let ordinal = Int(parts[1]), (0..<Limits.invocationsPerTriggerMax).contains(ordinal),
      String(ordinal) == parts[1]
    else { return nil }
    self.init(triggerID: triggerID, ordinal: ordinal)
  }
}

/// One try of an invocation.
package struct Attempt: Hashable, Sendable {
  /// From 1.
  package var number: Int32 = 0
  package var startTime = Timestamp(nanoseconds: 0)
  package var endTime: Timestamp?
  /// Nil when it succeeded.
  package var error: InvocationError?
  /// The worker that ran it, for functions that workers run.
  package var worker = ""

  package init() {}
}

/// What a function gave back, cut off at `Limits.outputBytesMax`.
package struct Output: Hashable, Sendable {
  package var payload: Payload
  package var isTruncated: Bool

  package init(payload: Payload, isTruncated: Bool = false) {
    self.payload = payload
    self.isTruncated = isTruncated
  }
}

package struct LogLine: Hashable, Sendable {
  package var time: Timestamp
  /// The attempt that wrote it, from 1.
  package var attempt: Int32
  /// Valid UTF-8 without NUL (repaired if the function wrote other bytes) and without its line end.
  package var text: String

  package init(time: Timestamp, attempt: Int32, text: String) {
    self.time = time
    self.attempt = attempt
    self.text = text
  }
}

/// Why an attempt or an invocation failed. It is data, never the status of a call.
package struct InvocationError: Hashable, Sendable {
  package enum Class: Int32, Codable, Sendable {
    /// The function refused the payload.
    case input = 1
    /// The function failed.
    case function
    /// The gateway could not run the function.
    case system
    case timeout
    case cancelled
  }

  package var errorClass: Class
  /// For programs, such as `HTTP_503`, `EXIT_1`, `SIGNAL_9`, `FUNCTION_NOT_FOUND`.
  package var code: String
  package var message: String
  /// No retry can mend it.
  package var isFinal: Bool
  /// What the function asked for, as by HTTP's Retry-After.
  package var retryAfter: Duration?

  package init(
    _ errorClass: Class, code: String, message: String, isFinal: Bool = false,
    retryAfter: Duration? = nil
  ) {
    self.errorClass = errorClass
    self.code = code
    self.message = message
    self.isFinal = isFinal
    self.retryAfter = retryAfter
  }

  /// As a function may say it: the classes but INPUT are the gateway's to tell, and one that names
  /// none, or no code, means that it failed.
  package var byFunction: InvocationError {
    var said = self
    if errorClass != .input { said.errorClass = .function }
    said.code = code.isEmpty ? "FAILED" : code.cut(toBytes: Limits.errorCodeBytesMax)
    return said
  }
}
