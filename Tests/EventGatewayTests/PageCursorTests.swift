import EventCore
import Messages
import Testing

@testable import EventGateway

@Suite struct PageCursorTests {
  private func page(_ size: Int32 = 0, _ token: String = "") -> PageRequest {
    var page = PageRequest()
    (page.size, page.token) = (size, token)
    return page
  }

  @Test func `a token leads to what comes after the last key`() throws {
    let first = try PageCursor<String>(page(2), scope: ["events", "default"])
    #expect(first.after == nil)
    let token = first.token(after: "order.created", hasMore: true)
    let second = try PageCursor<String>(page(2, token), scope: ["events", "default"])
    #expect(second.after == "order.created")
  }

  @Test func `the last page has no token`() throws {
    let cursor = try PageCursor<String>(page(10), scope: [])
    #expect(cursor.token(after: "a", hasMore: false) == "")
    #expect(cursor.token(after: nil, hasMore: false) == "")
  }

  @Test func `a token of another list or organization is refused`() throws {
    let token = try PageCursor<String>(page(1), scope: ["events", "a"]).token(
      after: "x", hasMore: true)
    for scope in [["events", "b"], ["functions", "a"], ["events"]] {
      #expect(throws: GatewayError.self) {
        try PageCursor<String>(page(1, token), scope: scope)
      }
    }
  }

  @Test func `a token with any one character changed is refused`() throws {
    let token = try PageCursor<String>(page(1), scope: ["s"]).token(after: "order", hasMore: true)
    for index in token.indices {
      var garbled = Array(token)
      let position = token.distance(from: token.startIndex, to: index)
      garbled[position] = garbled[position] == "0" ? "1" : "0"
      let error = #expect(throws: GatewayError.self) {
        try PageCursor<String>(page(1, String(garbled)), scope: ["s"])
      }
      #expect(error?.reason == .pageTokenInvalid)
      #expect(error?.violations.first?.field == "page_token")
    }
  }

  @Test(arguments: ["x", "zz", "0", "é", "00112233445566778"])
  func `text that never was a token is refused`(_ token: String) {
    #expect(throws: GatewayError.self) { try PageCursor<String>(page(1, token), scope: []) }
  }

  @Test(arguments: [(0, 50), (1, 1), (1_000, 1_000), (1_001, 1_000), (Int32.max, 1_000)])
  func `page sizes have a default and a maximum`(_ size: Int32, _ limit: Int) throws {
    #expect(try PageCursor<String>(page(size), scope: []).limit == limit)
  }

  @Test func `a page size below zero is refused by name`() {
    let error = #expect(throws: GatewayError.self) { try PageCursor<String>(page(-1), scope: []) }
    #expect(error?.violations.first?.field == "page_size")
  }
}
