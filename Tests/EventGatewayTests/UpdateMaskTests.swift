import EventCore
import Messages
import Testing

@testable import EventGateway

@Suite struct UpdateMaskTests {
  private func mask(_ paths: String...) -> FieldMask {
    var mask = FieldMask()
    mask.paths = paths
    return mask
  }

  private var current: Event {
    var event = Event()
    event.event = "order.created"
    event.functionID = "f"
    event.data = [1]
    event.metadata = ["a": "b"]
    return event
  }

  @Test func `only the named fields change`() throws {
    var update = Event()
    update.functionID = "g"
    update.data = [2]
    let merged = try current.merging(update, mask: mask("data"))
    #expect(merged.data == [2])
    #expect(merged.functionID == "f")
    #expect(merged.metadata == ["a": "b"])
  }

  @Test func `a named field that is not set is cleared`() throws {
    #expect(try current.merging(Event(), mask: mask("function_id")).functionID == "")
  }

  @Test func `a mask that names one target does not take another`() throws {
    var current = Function()
    current.target = .process(ProcessTarget())
    var update = Function()
    var other = ProcessTarget()
    other.command = "/bin/true"
    update.target = .process(other)
    #expect(try current.merging(update, mask: mask("http")).target == current.target)
    for paths in [mask("process"), mask("*"), mask("http", "process"), mask("process", "http")] {
      #expect(try current.merging(update, mask: paths).target == update.target)
    }
    update.target = .http(HTTPTarget())
    for paths in [mask("http"), mask("*"), mask("http", "process")] {
      #expect(try current.merging(update, mask: paths).target == update.target)
    }
    for paths in [mask("process"), mask("*")] {
      #expect(try current.merging(Function(), mask: paths).target == nil)
    }
  }

  @Test func `a part of a field changes by its own path, and not without a mask`() throws {
    var current = Function()
    (current.flow.ratePerSecond, current.flow.burst) = (3, 4)
    current.flow.circuitBreaker = CircuitBreaker()
    var update = Function()
    (update.flow.ratePerSecond, update.flow.maxConcurrency) = (9, 7)
    let rate = try current.merging(update, mask: mask("flow.rate_per_second")).flow
    #expect((rate.ratePerSecond, rate.burst, rate.maxConcurrency) == (9, 4, 64))
    #expect(rate.circuitBreaker != nil)
    let burst = try current.merging(update, mask: mask("flow.burst")).flow
    #expect((burst.ratePerSecond, burst.burst) == (3, 0))
    for mask in [nil, mask("flow"), mask("*"), mask("flow.burst", "flow")] {
      #expect(try current.merging(update, mask: mask).flow == update.flow)
    }
    #expect(throws: GatewayError.self) { try current.merging(update, mask: mask("flow.speed")) }
  }

  @Test func `without a mask what is set changes`() throws {
    var update = Event()
    update.dataType = "text/plain"
    for mask in [nil, FieldMask()] {
      let merged = try current.merging(update, mask: mask)
      #expect(merged.dataType == "text/plain")
      #expect(merged.functionID == "f")
    }
  }

  @Test func `a star replaces every mutable field but not the name`() throws {
    var update = Event()
    update.event = "other"
    let merged = try current.merging(update, mask: mask("*"))
    #expect(merged.event == "order.created")
    #expect(merged.functionID == "" && merged.data == [] && merged.metadata == [:])
  }

  @Test(arguments: ["nope", "event", "etag", "received_at", "metadata.a", ""])
  func `a field that can't be changed is refused by name`(_ path: String) {
    let error = #expect(throws: GatewayError.self) {
      try current.merging(Event(), mask: mask("data", path))
    }
    #expect(error?.violations.first?.field == "update_mask")
    #expect(error?.message.contains("'\(path)'") == true)
  }

  @Test func `naming one target of a function replaces the other`() throws {
    var function = Function()
    function.target = .process(ProcessTarget())
    var update = Function()
    update.target = .http(HTTPTarget())
    #expect(try function.merging(update, mask: mask("http")).target == update.target)
  }

  @Test func `a subscription moves to a group, and out of it`() throws {
    var update = Subscription()
    (update.groupID, update.order, update.weight) = ("g", -1, 5)
    let member = try Subscription().merging(update, mask: mask("group", "order", "weight"))
    #expect((member.groupID, member.order, member.weight) == ("g", -1, 5))
    update.priority = -7
    let late = try member.merging(update, mask: mask("priority"))
    #expect((late.priority, late.weight) == (-7, 5))
    #expect(try late.merging(Subscription(), mask: mask("priority")).priority == 0)
    let alone = try member.merging(Subscription(), mask: mask("group", "order", "weight"))
    #expect((alone.groupID, alone.order, alone.weight) == ("", 0, 1))
  }

  @Test(arguments: ["state", "state_reason", "managed", "event", "subscription_id"])
  func `an update does not pause, nor change what a subscription binds`(path: String) {
    #expect(throws: GatewayError.self) {
      try Subscription().merging(Subscription(), mask: mask(path))
    }
  }

  @Test func `an update leaves a subscription paused`() throws {
    var current = Subscription()
    (current.isPaused, current.stateReason) = (true, "closed")
    let merged = try current.merging(Subscription(), mask: mask("*"))
    #expect(merged.isPaused && merged.stateReason == "closed")
  }

  @Test func `a group keeps its name and event, and changes the rest`() throws {
    var current = SubscriptionGroup()
    (current.groupID, current.event) = ("g", "order.created")
    var update = SubscriptionGroup()
    (update.groupID, update.event) = ("h", "other")
    (update.strategy, update.onFailure) = (.sequence, .continue)
    (update.completion, update.quorum) = (.quorum, 2)
    (update.timeout, update.pipesOutput) = (.seconds(60), true)
    let merged = try current.merging(update, mask: mask("*"))
    #expect((merged.groupID, merged.event) == ("g", "order.created"))
    var expected = update
    (expected.groupID, expected.event) = ("g", "order.created")
    #expect(merged == expected)
    let part = try merged.merging(SubscriptionGroup(), mask: mask("timeout", "on_failure"))
    #expect(part.timeout == nil && part.onFailure == nil)
    #expect(part.strategy == .sequence && part.quorum == 2)
  }

  @Test func `retention changes by its name`() throws {
    var update = Event()
    update.retention = .seconds(60)
    update.deadLetterRetention = .seconds(120)
    let merged = try current.merging(update, mask: mask("dead_letter_retention"))
    #expect(merged.retention == Limits.retentionDefault)
    #expect(merged.deadLetterRetention == .seconds(120))
  }
}
