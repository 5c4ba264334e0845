internal import EventCore
internal import Messages

extension TimeRange {
  /// Nil if neither end is set.
  ///
  /// - Parameter field: its name in the request, for the error.
  func range(_ field: String) throws(GatewayError) -> Range<Timestamp>? {
    guard start != nil || end != nil else { return nil }
    let first = start ?? Timestamp(nanoseconds: .min)
    let end = end ?? Timestamp(nanoseconds: .max)
    guard first < end else { throw .invalid("\(field).end", "must be after the start") }
    return first..<end
  }

  /// For the scope of a token.
  var scope: String {
    [start, end].map { $0?.nanoseconds.description ?? "" }.joined(separator: " ")
  }
}
