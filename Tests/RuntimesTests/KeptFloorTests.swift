import EventCore
import TestSupport
import Testing

@testable import Runtimes

struct KeptFloorTests {
  private let now = ContinuousClock.now

  @Test func `a process is started once and used again`() {
    var floor = KeptFloor(processesMax: 9)
    #expect(floor.ask(1, for: .a, .kept(), at: now) == [.grant(1, .start(1, after: .zero))])
    #expect(floor.answered(1, isUsable: true, at: now) == [.watchIdle(1, for: .seconds(300))])
    #expect(floor.ask(2, for: .a, .kept(), at: now) == [.grant(2, .use(1))])
    #expect(floor.answered(1, isUsable: true, at: now) == [], "it is watched")
  }

  @Test func `no more of a function are started than it allows`() {
    var floor = KeptFloor(processesMax: 9)
    for ticket in 1...2 {
      let start = KeptFloor.Action.grant(ticket, .start(ticket, after: .zero))
      #expect(floor.ask(ticket, for: .a, .kept(2), at: now) == [start])
    }
    #expect(floor.ask(3, for: .a, .kept(2), at: now) == [])
    #expect(floor.ask(4, for: .a, .kept(2), at: now) == [])
    #expect(floor.answered(2, isUsable: true, at: now) == [.grant(3, .use(2))], "in line")
    floor.withdraw(4)
    #expect(floor.answered(1, isUsable: true, at: now) == [.watchIdle(1, for: .seconds(300))])
  }

  @Test func `a process that can't go on makes room for another`() {
    var floor = KeptFloor(processesMax: 9)
    _ = floor.ask(1, for: .a, .kept(), at: now)
    #expect(floor.ask(2, for: .a, .kept(), at: now) == [])
    #expect(floor.answered(1, isUsable: false, at: now) == [], "it is ending already")
    #expect(
      floor.gone(1, hasFailed: true, at: now) == [.grant(2, .start(2, after: .zero))],
      "it had answered something")
  }

  @Test func `a process is replaced after so many invocations`() {
    var floor = KeptFloor(processesMax: 9)
    _ = floor.ask(1, for: .a, .kept(invocations: 2), at: now)
    _ = floor.answered(1, isUsable: true, at: now)
    _ = floor.ask(2, for: .a, .kept(invocations: 2), at: now)
    #expect(floor.answered(1, isUsable: true, at: now) == [.end(1)])
    #expect(floor.gone(1, hasFailed: false, at: now) == [])
    #expect(
      floor.ask(3, for: .a, .kept(invocations: 2), at: now)
        == [.grant(3, .start(2, after: .zero))])
  }

  @Test func `a process that was idle for long enough ends`() {
    var floor = KeptFloor(processesMax: 9)
    _ = floor.ask(1, for: .a, .kept(), at: now)
    _ = floor.answered(1, isUsable: true, at: now)
    _ = floor.ask(2, for: .a, .kept(), at: now)
    _ = floor.answered(1, isUsable: true, at: now + .seconds(100))
    #expect(
      floor.idleTimePassed(1, at: now + .seconds(300)) == [.watchIdle(1, for: .seconds(100))])
    #expect(floor.idleTimePassed(1, at: now + .seconds(400)) == [.end(1)])
    #expect(floor.idleTimePassed(1, at: now + .seconds(400)) == [], "once")
    #expect(
      floor.ask(3, for: .a, .kept(), at: now) == [.grant(3, .start(2, after: .zero))],
      "not the one that is ending")
  }

  @Test func `a busy process is watched again when it is idle`() {
    var floor = KeptFloor(processesMax: 9)
    _ = floor.ask(1, for: .a, .kept(), at: now)
    _ = floor.answered(1, isUsable: true, at: now)
    _ = floor.ask(2, for: .a, .kept(), at: now)
    #expect(floor.idleTimePassed(1, at: now + .seconds(300)) == [])
    #expect(
      floor.answered(1, isUsable: true, at: now + .seconds(301))
        == [.watchIdle(1, for: .seconds(300))])
  }

  @Test func `one that dies before it has answered is started after a pause that grows`() {
    var floor = KeptFloor(processesMax: 9)
    var pauses: [Duration] = []
    for number in 1...9 {
      let actions = floor.ask(number, for: .a, .kept(), at: now)
      guard case .grant(number, .start(number, let pause)) = actions.first else {
        return #expect(Bool(false), "\(actions)")
      }
      pauses.append(pause)
      _ = floor.gone(number, hasFailed: true, at: now)
    }
    #expect(
      pauses.map { $0 / .milliseconds(1) } == [0, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000])
    #expect(
      floor.ask(10, for: .a, .kept(), at: now + .seconds(4))
        == [.grant(10, .start(10, after: .seconds(1)))], "as much as is left of it")
    _ = floor.answered(10, isUsable: false, at: now)
    _ = floor.gone(10, hasFailed: true, at: now)
    #expect(
      floor.ask(11, for: .a, .kept(), at: now) == [.grant(11, .start(11, after: .zero))],
      "an answer forgives all")
    #expect(
      floor.ask(12, for: .b, .kept(), at: now) == [.grant(12, .start(12, after: .zero))],
      "others have nothing to do with it")
  }

  @Test func `one that is ended by the gateway is no reason for a pause`() {
    var floor = KeptFloor(processesMax: 9)
    _ = floor.ask(1, for: .a, .kept(), at: now)
    _ = floor.gone(1, hasFailed: false, at: now)
    #expect(floor.ask(2, for: .a, .kept(), at: now) == [.grant(2, .start(2, after: .zero))])
  }

  @Test func `the longest idle process makes room for another function`() {
    var floor = KeptFloor(processesMax: 2)
    _ = floor.ask(1, for: .a, .kept(2), at: now)
    _ = floor.ask(2, for: .a, .kept(2), at: now)
    _ = floor.answered(2, isUsable: true, at: now)
    _ = floor.answered(1, isUsable: true, at: now + .seconds(1))
    #expect(floor.ask(3, for: .b, .kept(), at: now) == [.end(2)])
    #expect(floor.gone(2, hasFailed: false, at: now) == [.grant(3, .start(3, after: .zero))])
    #expect(floor.processCount == 2)
  }

  @Test func `a busy function gives up a process to one that waits`() {
    var floor = KeptFloor(processesMax: 1)
    _ = floor.ask(1, for: .a, .kept(), at: now)
    #expect(floor.ask(2, for: .b, .kept(), at: now) == [])
    #expect(floor.ask(3, for: .a, .kept(), at: now) == [], "behind the other")
    #expect(floor.answered(1, isUsable: true, at: now) == [.end(1)])
    #expect(floor.gone(1, hasFailed: false, at: now) == [.grant(2, .start(2, after: .zero))])
    #expect(floor.answered(2, isUsable: true, at: now) == [.end(2)])
    #expect(floor.gone(2, hasFailed: false, at: now) == [.grant(3, .start(3, after: .zero))])
  }

  @Test func `no more are ended than who waits needs`() {
    var floor = KeptFloor(processesMax: 2)
    _ = floor.ask(1, for: .a, .kept(2), at: now)
    _ = floor.ask(2, for: .a, .kept(2), at: now)
    _ = floor.ask(3, for: .b, .kept(), at: now)
    #expect(floor.answered(1, isUsable: true, at: now) == [.end(1)])
    #expect(floor.answered(2, isUsable: true, at: now) == [.watchIdle(2, for: .seconds(300))])
  }

  @Test func `a new definition ends what is idle, and what is busy after its answer`() {
    var floor = KeptFloor(processesMax: 9)
    _ = floor.ask(1, for: .a, .kept(2), at: now)
    _ = floor.ask(2, for: .a, .kept(2), at: now)
    _ = floor.answered(1, isUsable: true, at: now)
    #expect(floor.define(.kept(2), of: .a) == [], "the same")
    #expect(floor.define(.kept(1), of: .a) == [.end(1)])
    #expect(
      floor.ask(3, for: .a, .kept(1), at: now) == [.grant(3, .start(3, after: .zero))])
    #expect(floor.answered(2, isUsable: true, at: now) == [.end(2)])
    #expect(floor.answered(3, isUsable: true, at: now) == [.watchIdle(3, for: .seconds(300))])
  }

  @Test func `a function that was made anew has new processes`() {
    var floor = KeptFloor(processesMax: 9)
    _ = floor.ask(1, for: .a, .kept(), at: now)
    _ = floor.answered(1, isUsable: true, at: now)
    #expect(floor.define(nil, of: .a) == [.end(1)])
    #expect(
      floor.ask(2, for: .a, .kept(uid: 7), at: now) == [.grant(2, .start(2, after: .zero))])
  }

  @Test func `who waits with an old definition gets a process of it for once`() {
    var floor = KeptFloor(processesMax: 1)
    _ = floor.ask(1, for: .b, .kept(), at: now)
    #expect(floor.ask(2, for: .a, .kept(), at: now) == [])
    #expect(floor.ask(3, for: .a, .kept(uid: 7), at: now) == [])
    #expect(floor.answered(1, isUsable: true, at: now) == [.end(1)])
    #expect(floor.gone(1, hasFailed: false, at: now) == [.grant(2, .start(2, after: .zero))])
    #expect(floor.answered(2, isUsable: true, at: now) == [.end(2)])
    #expect(floor.gone(2, hasFailed: false, at: now) == [.grant(3, .start(3, after: .zero))])
    #expect(floor.answered(3, isUsable: true, at: now) == [.watchIdle(3, for: .seconds(300))])
  }

  @Test func `at the end what waits is refused and what is idle ends`() {
    var floor = KeptFloor(processesMax: 2)
    _ = floor.ask(1, for: .a, .kept(), at: now)
    _ = floor.ask(2, for: .b, .kept(), at: now)
    _ = floor.ask(3, for: .a, .kept(), at: now)
    _ = floor.answered(2, isUsable: true, at: now)
    #expect(floor.close() == [.refuse(3), .end(2)])
    #expect(floor.ask(4, for: .a, .kept(), at: now) == [.refuse(4)])
    #expect(floor.answered(1, isUsable: true, at: now) == [.end(1)])
    _ = floor.gone(1, hasFailed: false, at: now)
    _ = floor.gone(2, hasFailed: false, at: now)
    #expect(floor.processCount == 0)
  }

  @Test func `whatever happens, bounds hold and everybody is served`() {
    for seed in UInt64(1)...200 {
      var model = KeptFloorModel(seed: seed)
      model.run(steps: 400)
      #expect(model.problems == [], "seed \(seed)")
    }
  }
}

extension KeptFloor.Owner {
  static let a = Self(organization: .default, functionID: "a")
  static let b = Self(organization: .default, functionID: "b")
}

extension KeptFloor.Definition {
  static func kept(
    _ processesMax: Int32 = 1, invocations: Int32 = 0, uid: UInt64 = 0
  ) -> Self {
    var keepAlive = ProcessTarget.KeepAlive()
    keepAlive.processesMax = processesMax
    keepAlive.invocationsMax = invocations
    var target = ProcessTarget()
    target.keepAlive = keepAlive
    return Self(uid: UniqueID(high: 0, low: uid), target: target, keepAlive: keepAlive)
  }
}
