internal import EventCore
internal import Messages

/// One page of a list: what comes after which key, and how many.
struct PageCursor<Key: LosslessStringConvertible> {
  let after: Key?
  let limit: Int
  private let tokens: ScopedToken<Key>

  /// - Parameter scope: the method and everything of the request that must be the same on each page.
  init(_ page: PageRequest, scope: [String]) throws(GatewayError) {
    guard page.size >= 0 else {
      throw .invalid("page_size", "is \(page.size); it must be 0 (the default) or more")
    }
    let size = page.size == 0 ? Limits.pageSizeDefault : Int(page.size)
    limit = min(size, Limits.pageSizeMax)
    tokens = ScopedToken(scope: scope)
    after = page.token.isEmpty ? nil : try Self.key(of: page.token, tokens)
  }

  /// The token of the page after one that ended with `last`; empty if that was the last page.
  func token(after last: Key?, hasMore: Bool) -> String {
    guard let last, hasMore else { return "" }
    return tokens.text(of: last)
  }

  private static func key(
    of token: String, _ tokens: ScopedToken<Key>
  ) throws(GatewayError) -> Key {
    if let key = tokens.place(of: token) { return key }
    let problem = "is not one that this list gave out"
    throw GatewayError(
      .pageTokenInvalid,
      "page_token \(problem); the other fields must be the same on every page",
      violations: [FieldViolation(field: "page_token", problem: problem)])
  }
}
