import ArgumentParser
import Messages

extension FieldMask {
  /// An empty mask means something else to the gateway: every field that is set.
  func checkNamesSomething() throws {
    guard !paths.isEmpty else { throw ValidationError("nothing to change was given") }
  }
}

/// Everything of a list, page by page.
///
/// - Parameters:
///   - limit: where to stop; at least 1.
///   - page: gets the page's token and size; returns its items and the next token.
func pages<Item>(
  atMost limit: Int = .max,
  _ page: (_ token: String, _ size: Int32) async throws -> (items: [Item], nextToken: String)
) async throws -> [Item] {
  guard limit > 0 else { throw ValidationError("--limit must be above 0") }
  var items: [Item] = []
  var token = ""
  repeat {
    let next = try await page(token, Int32(min(limit - items.count, 1_000)))
    items += next.items
    token = next.nextToken
  } while !token.isEmpty && items.count < limit
  return items
}
