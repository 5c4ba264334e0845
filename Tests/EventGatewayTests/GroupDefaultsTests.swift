import EventCore
import Testing

@testable import EventGateway

@Suite struct GroupDefaultsTests {
  static let shown: [(SubscriptionGroup.Strategy, SubscriptionGroup.OnFailure?)] = [
    (.parallel, .continue), (.sequence, .stop), (.firstSuccess, nil), (.oneOf, nil),
  ]

  @Test(arguments: shown)
  func `a strategy's own default shows`(
    strategy: SubscriptionGroup.Strategy, onFailure: SubscriptionGroup.OnFailure?
  ) {
    var group = SubscriptionGroup()
    group.strategy = strategy
    #expect(group.withDefaults.onFailure == onFailure)
    #expect(group.onFailure == nil)
  }

  @Test func `what was said shows as it was said`() {
    var group = SubscriptionGroup()
    group.strategy = .sequence
    group.onFailure = .cancelRemaining
    #expect(group.withDefaults == group)
  }
}
