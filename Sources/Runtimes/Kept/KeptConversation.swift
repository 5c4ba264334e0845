import EventCore

/// What a kept process was asked, and what it says: a line for a line. A value: it decides,
/// `KeptProcess` acts.
///
/// ```
///          ask            a line that answers         takeAnswer
///  idle ---------> asked ---------------------> answered ---------> idle
///    |               |                             |
///    | output        | another line, too long      | more output
///    v               v                             v
///  faulty          faulty                     answered and faulty
/// ```
struct KeptConversation {
  enum Step: Hashable {
    case goesOn
    /// `takeAnswer` gives it.
    case answered
    /// It is to be replaced; `fault` says why.
    case faulty
  }

  private var invocation: InvocationID?
  private var answer: KeptAnswer?
  private var line: [UInt8] = []
  /// What it did that it must not: a phrase that goes after "the process".
  private(set) var fault: String?

  var isIdle: Bool { invocation == nil && fault == nil }

  /// - Precondition: it is idle.
  mutating func ask(_ id: InvocationID) {
    precondition(isIdle, "asked while it is busy or faulty")
    invocation = id
  }

  mutating func receive(_ bytes: [UInt8]) -> Step {
    guard fault == nil, !bytes.isEmpty else { return .goesOn }
    guard let invocation, answer == nil else {
      return fail("wrote what nobody asked for: \(KeptAnswer.excerpt(of: bytes))")
    }
    let end = bytes.firstIndex(of: UInt8(ascii: "\n"))
    line += bytes[..<(end ?? bytes.endIndex)]
    guard line.count <= RuntimeLimits.answerBytesMax else {
      return fail("answered with a line longer than \(RuntimeLimits.answerBytesMax) bytes")
    }
    guard let end else { return .goesOn }
    do throws(KeptAnswer.Malformed) {
      answer = try KeptAnswer(line, to: invocation)
    } catch {
      return fail(error.problem)
    }
    line = []
    if end + 1 < bytes.endIndex { fault = "wrote more than its answer" }
    return .answered
  }

  /// Nil if there is none. It is idle then, if it is not faulty.
  mutating func takeAnswer() -> KeptAnswer? {
    guard let answer else { return nil }
    (self.answer, invocation) = (nil, nil)
    return answer
  }

  @discardableResult
  mutating func fail(_ fault: String) -> Step {
    if self.fault == nil { self.fault = fault }
    line = []
    return .faulty
  }
}
