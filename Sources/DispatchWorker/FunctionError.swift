/// Why a function failed: thrown by its body, and shown by the gateway as `Invocation.error`.
///
/// Any other error is of the class ``Class/function``, with the name of its type as the code, and
/// tried again as the subscription's delivery policy says.
public struct FunctionError: Error, Hashable, Sendable {
  /// Who has to mend it.
  public enum Class: Hashable, Sendable {
    /// The function refuses the payload.
    case input
    /// The function failed.
    case function
  }

  public var errorClass: Class

  /// For programs, such as `OUT_OF_STOCK`; at most 64 bytes. A subscription's `final_codes` name it.
  public var code: String

  /// For people; at most 2 KiB are kept.
  public var message: String

  /// No retry can mend it.
  public var isFinal: Bool

  /// How long the function asks to be left alone, up to the policy's `retry_after_max`.
  public var retryAfter: Duration?

  public init(
    _ errorClass: Class = .function, code: String, message: String, isFinal: Bool = false,
    retryAfter: Duration? = nil
  ) {
    self.errorClass = errorClass
    self.code = code
    self.message = message
    self.isFinal = isFinal
    self.retryAfter = retryAfter
  }
}
