import Messages
import Testing

@testable import EventGateway

@Suite struct HealthTests {
  @Test func `a watcher sees the status now and every change`() async {
    let health = Health()
    var statuses = health.watch().makeAsyncIterator()
    #expect(await statuses.next() == .serving)
    health.set(.notServing)
    #expect(await statuses.next() == .notServing)
    health.set(.notServing)
    health.set(.serving)
    #expect(await statuses.next() == .serving)
  }

  @Test func `a slow watcher sees the newest`() async {
    let health = Health()
    var statuses = health.watch().makeAsyncIterator()
    health.set(.notServing)
    health.set(.serving)
    health.set(.notServing)
    #expect(await statuses.next() == .notServing)
  }
}
