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

  @Test func `watches end when the gateway stops serving for good`() async {
    let health = Health()
    var before = health.watch().makeAsyncIterator()
    #expect(await before.next() == .serving)
    health.finish()
    #expect(await before.next() == .notServing)
    #expect(await before.next() == nil)
    var after = health.watch().makeAsyncIterator()
    #expect(await after.next() == .notServing)
    #expect(await after.next() == nil)
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
