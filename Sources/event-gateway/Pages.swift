/// Everything of a list, page by page.
///
/// - Parameters:
///   - limit: where to stop.
///   - page: gets the page's token and size; returns its items and the next token.
func pages<Item>(
  atMost limit: Int = .max,
  _ page: (_ token: String, _ size: Int32) async throws -> (items: [Item], nextToken: String)
) async throws -> [Item] {
  var items: [Item] = []
  var token = ""
  repeat {
    let next = try await page(token, Int32(min(limit - items.count, 1_000)))
    items += next.items
    token = next.nextToken
  } while !token.isEmpty && items.count < limit
  return items
}
