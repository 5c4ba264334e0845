import EventCore
import Messages
import Testing

struct SubscriptionTests {
  @Test func `a weight of 0 is 1`() throws {
    #expect(try Subscription([]).weight == 1)
    #expect(try Subscription(.field(11, varint: 0)).weight == 1)
    #expect(try Subscription(.field(11, varint: 7)).weight == 7)
  }

  @Test func `a paused subscription says so`() throws {
    var subscription = Subscription()
    #expect(try Subscription(subscription.packed(), from: .server).isPaused == false)
    subscription.isPaused = true
    subscription.stateReason = "the shop is closed"
    let sent = try Subscription(subscription.packed(), from: .server)
    #expect(sent.isPaused)
    #expect(sent.stateReason == "the shop is closed")
  }

  @Test func `zero and absent fields of a policy stand for the defaults`() throws {
    let zeros = [UInt8].field(8, bytes: []) + .field(9, text: "") + .field(2, varint: 0)
    #expect(try Subscription(.field(7, bytes: zeros)).delivery == DeliveryPolicy())
  }

  @Test func `an unknown class of final errors is refused by its path`() throws {
    let delivery = [UInt8].field(11, bytes: [2, 9])
    let error = try #require(throws: GatewayError.self) {
      try CreateSubscriptionRequest(.field(1, bytes: .field(7, bytes: delivery)))
    }
    #expect(error.violations.map(\.field) == ["subscription.delivery.final_classes"])
  }

  @Test func `a group without a word about it is parallel, and needs all`() throws {
    let group = try SubscriptionGroup([])
    #expect(group.strategy == .parallel)
    #expect(group.onFailure == nil)
    #expect(group.completion == .all)
    #expect(group.timeout == nil)
  }

  static let completions: [(SubscriptionGroup.Strategy, UInt64?)] = [
    (.parallel, 1), (.sequence, 1), (.firstSuccess, nil), (.oneOf, nil),
  ]

  @Test(arguments: completions)
  func `strategies that need one success show no completion`(
    strategy: SubscriptionGroup.Strategy, completion: UInt64?
  ) throws {
    var group = SubscriptionGroup()
    group.strategy = strategy
    let expected = completion.map { [UInt8].field(5, varint: $0) } ?? []
    #expect(group.packed() == .field(3, varint: UInt64(strategy.rawValue)) + expected)
    #expect(try SubscriptionGroup(group.packed(), from: .server).completion == .all)
  }

  @Test func `on_failure stays unspecified unless it is said`() throws {
    var group = SubscriptionGroup()
    #expect(try SubscriptionGroup(group.packed()).onFailure == nil)
    group.onFailure = .cancelRemaining
    #expect(try SubscriptionGroup(group.packed()).onFailure == .cancelRemaining)
  }

  @Test func `an unknown strategy is refused by its path`() throws {
    let error = try #require(throws: GatewayError.self) {
      try CreateSubscriptionGroupRequest(.field(1, bytes: .field(3, varint: 5)))
    }
    #expect(error.violations.map(\.field) == ["group.strategy"])
    let failure = try #require(throws: GatewayError.self) {
      try CreateSubscriptionGroupRequest(.field(1, bytes: .field(4, varint: 9)))
    }
    #expect(failure.violations.map(\.field) == ["group.on_failure"])
  }
}
