import EventCore
import MemoryStore
import TestSupport
import Testing

@testable import Executors

@Suite(.timeLimit(.minutes(1)))
struct OrganizationTests {
  private let flood = Organization(unchecked: "flood")
  private let modest = Organization(unchecked: "modest")

  @Test func `an organization whose functions all hang leaves permits to another`() async {
    let never = Observed(false)
    let fixture = PoolFixture(runningMax: 16, functions: [:]) { [flood] request, _ in
      if request.trigger.organization == flood { await never.opened() }
      return AttemptResult(.succeeded)
    }
    fixture.define("f", in: modest)
    for number in 0..<20 {
      fixture.define("f\(number)", in: flood)
      for _ in 0..<20 { fixture.submit("f\(number)", in: flood) }
    }
    await fixture.runtime.counts.until { $0.total == 8 }
    await eventually { fixture.pool.load.waitingLanes == 20 }
    for _ in 0..<50 {
      let id = fixture.submit("f", in: modest)
      await eventually { fixture.store[id]?.state == .succeeded }
    }
    #expect(fixture.runtime.counts.value.total == 8)
    await fixture.pool.shutdown(within: .zero)
  }

  @Test func `organizations take turns when the pool is full, however many lanes one has`() async {
    let step = Observed(false)
    let fixture = PoolFixture(runningMax: 1, functions: [:]) { _, _ in
      await step.opened()
      return AttemptResult(.succeeded)
    }
    for number in 0..<10 { fixture.define("f\(number)", in: flood) }
    fixture.define("f", in: modest)
    fixture.submit("f0", in: flood)
    await fixture.runtime.counts.until { $0.total == 1 }
    for number in 0..<10 { for _ in 0..<5 { fixture.submit("f\(number)", in: flood) } }
    for _ in 0..<5 { fixture.submit("f", in: modest) }
    await eventually { fixture.pool.load.waitingLanes == 11 }
    step.open()
    await fixture.allFinished()
    let order = fixture.runtime.counts.value.started.map(\.trigger.organization)
    #expect(order[1...10].count { $0 == modest } == 5, "\(order)")
  }

  @Test func `the memory of queues is shared, too`() async {
    let gate = Observed(false)
    let fixture = PoolFixture(runningMax: 2, queuedBytesMax: 40_000, functions: [:]) { _, _ in
      await gate.opened()
      return AttemptResult(.succeeded)
    }
    let payload = [UInt8](repeating: 7, count: 2_000)
    for number in 0..<5 {
      fixture.define("f\(number)", in: flood)
      for _ in 0..<20 { fixture.submit("f\(number)", in: flood, data: payload) }
    }
    await eventually { fixture.pool.budget.room(for: flood) <= 0 }
    // Each of its lanes may go over it by one.
    #expect(fixture.pool.load.queuedBytes <= 20_000 + 6 * 4_096)
    #expect(fixture.pool.budget.room(for: modest) > 0)
    gate.open()
    await fixture.allFinished()
    await eventually { fixture.pool.load.queuedBytes == 0 }
  }
}

extension PoolFixture {
  fileprivate func define(_ functionID: String, in organization: Organization) {
    var function = Function()
    function.functionID = functionID
    put(.function(function), in: organization)
  }

  @discardableResult
  fileprivate func submit(
    _ functionID: String, in organization: Organization, data: [UInt8] = []
  ) -> InvocationID {
    var plan = plan([functionID], data: data)
    plan.trigger.organization = organization
    store.insert(plan)
    pool.submit(plan, held: [])
    return plan.invocations[0].id
  }
}
