import EventCore
import TestSupport
import Testing

@testable import Workers

struct WorkerFloorTests {
  @Test func `no order of comings and goings gives a place without credit, or one twice`() {
    var random = SeededRandom.announced(for: "WorkerFloor")
    for _ in 0..<50 {
      var simulation = FloorSimulation()
      for _ in 0..<400 { simulation.step(&random) }
      #expect(simulation.problems == [])
    }
  }

  @Test func `workers that come and go without work leave nothing behind`() {
    var floor = WorkerFloor(firstNumber: 0)
    let lane = Lane(.default, "f")
    let stays = SessionKey(organization: .default, name: "stays")
    _ = floor.connect(stays, worker: "w", lanes: [lane], WorkerLine())
    for number in 0..<1_000 {
      let key = SessionKey(organization: .default, name: "\(number)")
      let stream = floor.connect(key, worker: "w", lanes: [lane], WorkerLine())!.stream
      _ = floor.addCredit(1, of: key, stream: stream)
      floor.disconnect(key, stream: stream, graceEnd: .now)
    }
    #expect(floor.sessions.count == 1)
    #expect(floor.queuedCount(in: lane) < 32)
  }

  @Test func `there is a bound on workers, and those that are known may still come back`() {
    var floor = WorkerFloor(firstNumber: 0)
    let keys = (0...WorkerLimits.sessionsMax).map {
      SessionKey(organization: .default, name: "\($0)")
    }
    for key in keys.dropLast() {
      #expect(floor.connect(key, worker: "w", lanes: [], WorkerLine()) != nil)
    }
    #expect(floor.connect(keys.last!, worker: "w", lanes: [], WorkerLine()) == nil)
    #expect(floor.connect(keys[0], worker: "w", lanes: [], WorkerLine()) != nil)
  }

  @Test func `a place that was not used gives its credit back`() {
    var floor = WorkerFloor(firstNumber: 0)
    let lane = Lane(.default, "f")
    let key = SessionKey(organization: .default, name: "s")
    let stream = floor.connect(key, worker: "w", lanes: [lane], WorkerLine())!.stream
    _ = floor.addCredit(1, of: key, stream: stream)
    guard case .taken(let place) = floor.takePlace(in: lane) else {
      Issue.record("there is room for one")
      return
    }
    #expect(floor.takePlace(in: lane) == .busy)
    let effects = floor.leavePlace(place, isRecorded: false)
    // Whoever was told that there is none learns of it.
    #expect(effects.contains { if case .freed([lane]) = $0 { true } else { false } })
    guard case .taken = floor.takePlace(in: lane) else {
      Issue.record("there is room again")
      return
    }
  }
}

/// Workers and places at random, checked against plain books.
private struct FloorSimulation {
  private var floor = WorkerFloor(firstNumber: 0)
  private let lanes = ["a", "b", "c"].map { Lane(.default, $0) }
  /// What each worker that is connected was given credit for and not yet used.
  private var credit: [SessionKey: Int] = [:]
  private var streams: [SessionKey: UInt64] = [:]
  private var served: [SessionKey: [Lane]] = [:]
  private var draining: Set<SessionKey> = []
  private var places: [UInt64] = []
  private(set) var problems: [String] = []

  mutating func step(_ random: inout SeededRandom) {
    let key = SessionKey(organization: .default, name: "\(Int.random(in: 0..<4, using: &random))")
    switch Int.random(in: 0..<10, using: &random) {
    case 0: connect(key, &random)
    case 1: disconnect(key)
    case 2...4: addCredit(Int.random(in: 1...3, using: &random), of: key)
    case 5: drain(key)
    case 6...8: takePlace(in: lanes.randomElement(using: &random)!)
    default:
      guard !places.isEmpty else { return }
      leave(places.remove(at: Int.random(in: 0..<places.count, using: &random)))
    }
    check()
  }

  private mutating func connect(_ key: SessionKey, _ random: inout SeededRandom) {
    let lanes = lanes.filter { _ in Bool.random(using: &random) }
    streams[key] = floor.connect(key, worker: "w", lanes: lanes, WorkerLine())!.stream
    served[key] = lanes
    credit[key] = 0
    draining.remove(key)
  }

  private mutating func disconnect(_ key: SessionKey) {
    guard let stream = streams.removeValue(forKey: key) else { return }
    floor.disconnect(key, stream: stream, graceEnd: .now)
    credit[key] = nil
  }

  private mutating func addCredit(_ count: Int, of key: SessionKey) {
    guard let stream = streams[key] else { return }
    _ = floor.addCredit(count, of: key, stream: stream)
    credit[key]! += count
  }

  private mutating func drain(_ key: SessionKey) {
    guard let stream = streams[key] else { return }
    _ = floor.drain(key, stream: stream)
    draining.insert(key)
  }

  private mutating func takePlace(in lane: Lane) {
    let able = credit.filter {
      $0.value > 0 && served[$0.key]!.contains(lane) && !draining.contains($0.key)
    }
    switch floor.takePlace(in: lane) {
    case .taken(let place):
      guard let lease = floor.lease(of: place), let key = floor.leases[lease]?.session,
        able[key] != nil
      else { return problems.append("a place of nobody who has room") }
      if places.contains(place) { problems.append("place \(place) twice") }
      places.append(place)
      credit[key]! -= 1
    case .busy, .absent:
      if !able.isEmpty { problems.append("\(able.count) workers have room for \(lane)") }
    }
  }

  private mutating func leave(_ place: UInt64) {
    if let lease = floor.lease(of: place), let key = floor.leases[lease]?.session {
      credit[key]? += 1
    }
    _ = floor.leavePlace(place, isRecorded: false)
  }

  private mutating func check() {
    for (key, count) in credit where floor.sessions[key]?.credit != count {
      problems.append("\(key.name) has credit \(floor.sessions[key]?.credit ?? -1), not \(count)")
    }
    let held = floor.sessions.values.reduce(0) { $0 + $1.leases.count }
    if held != floor.leases.count { problems.append("\(held) leases of \(floor.leases.count)") }
  }
}
