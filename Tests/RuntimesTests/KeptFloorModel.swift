import EventCore
import TestSupport

@testable import Runtimes

/// Plays attempts, processes and changes of definitions at random against a `KeptFloor`, and notes
/// what must never be.
struct KeptFloorModel {
  private struct Process {
    let owner: KeptFloor.Owner
    let definition: KeptFloor.Definition
    var isBusy = true
    var isEnding = false
  }

  private(set) var problems: [String] = []
  private var random: SeededRandom
  private var floor = KeptFloor(processesMax: Self.processesMax)
  private var processes: [Int: Process] = [:]
  private var waiting: [Int: (KeptFloor.Owner, KeptFloor.Definition)] = [:]
  private var definitions: [KeptFloor.Owner: KeptFloor.Definition] = [:]
  private var lastTicket = 0
  private var now = ContinuousClock.now

  private static let processesMax = 5
  private static let owners = (0..<4).map {
    KeptFloor.Owner(organization: .default, functionID: "f\($0)")
  }

  init(seed: UInt64) {
    random = SeededRandom(seed: seed)
    for owner in Self.owners { definitions[owner] = definition() }
  }

  /// Then lets everything end, by when everybody must have been served.
  mutating func run(steps: Int) {
    for _ in 0..<steps { step() }
    for _ in 0..<10_000 where !waiting.isEmpty || processes.contains(where: \.value.isBusy) {
      finishSomething()
    }
    if !waiting.isEmpty { problems.append("\(waiting.count) wait for ever") }
    for action in floor.close() { perform(action) }
    for id in processes.keys.sorted() { exit(id, hasFailed: false) }
    if floor.processCount != 0 { problems.append("\(floor.processCount) are left") }
  }

  private mutating func step() {
    now += .milliseconds(Int.random(in: 0...100, using: &random))
    switch Int.random(in: 0..<10, using: &random) {
    case 0...3: ask()
    case 4...7: finishSomething()
    case 8:
      let owner = Self.owners.randomElement(using: &random)!
      let new = Bool.random(using: &random) ? nil : definition()
      definitions[owner] = new ?? definition()
      act { $0.define(new, of: owner) }
    default:
      guard let ticket = waiting.keys.sorted().randomElement(using: &random) else { return }
      waiting[ticket] = nil
      floor.withdraw(ticket)
    }
  }

  private mutating func ask() {
    let owner = Self.owners.randomElement(using: &random)!
    lastTicket += 1
    waiting[lastTicket] = (owner, definitions[owner]!)
    let (ticket, definition) = (lastTicket, definitions[owner]!)
    act { [now] in $0.ask(ticket, for: owner, definition, at: now) }
  }

  /// A process answers, dies, or is gone.
  private mutating func finishSomething() {
    guard let id = processes.keys.sorted().randomElement(using: &random) else { return }
    if processes[id]!.isEnding, !processes[id]!.isBusy { return exit(id, hasFailed: false) }
    guard processes[id]!.isBusy else {
      if Int.random(in: 0..<4, using: &random) == 0 { exit(id, hasFailed: true) }
      return
    }
    switch Int.random(in: 0..<6, using: &random) {
    case 0: exit(id, hasFailed: true)
    case 1:
      processes[id]!.isBusy = false
      processes[id]!.isEnding = true
      act { [now] in $0.answered(id, isUsable: false, at: now) }
    default:
      processes[id]!.isBusy = false
      act { [now] in $0.answered(id, isUsable: true, at: now) }
    }
  }

  private mutating func exit(_ id: Int, hasFailed: Bool) {
    processes[id] = nil
    act { [now] in $0.gone(id, hasFailed: hasFailed, at: now) }
  }

  private mutating func act(_ decide: (inout KeptFloor) -> [KeptFloor.Action]) {
    for action in decide(&floor) { perform(action) }
    if floor.processCount != processes.count {
      problems.append("\(floor.processCount) processes, not \(processes.count)")
    }
    if processes.count > Self.processesMax { problems.append("too many processes") }
  }

  private mutating func perform(_ action: KeptFloor.Action) {
    switch action {
    case .grant(let ticket, let grant):
      guard let (owner, definition) = waiting.removeValue(forKey: ticket) else {
        return problems.append("\(ticket) was not waiting")
      }
      take(grant, for: owner, definition)
    case .refuse(let ticket): waiting[ticket] = nil
    case .end(let id):
      if processes[id]?.isBusy != false { problems.append("a busy process was ended") }
      processes[id]?.isEnding = true
    case .watchIdle: break
    }
  }

  private mutating func take(
    _ grant: KeptFloor.Grant, for owner: KeptFloor.Owner, _ definition: KeptFloor.Definition
  ) {
    switch grant {
    case .use(let id):
      guard let process = processes[id], !process.isBusy, !process.isEnding,
        process.owner == owner, process.definition == definition
      else { return problems.append("\(id) is not for it") }
      processes[id]!.isBusy = true
    case .start(let id, _):
      processes[id] = Process(owner: owner, definition: definition)
      let alike = processes.values.count {
        $0.owner == owner && $0.definition == definition && !$0.isEnding
      }
      // Those that a change of the definition has set aside are not told apart here.
      if alike > Int(definition.keepAlive.processesMax) * 2 + Self.processesMax {
        problems.append("too many of one function")
      }
    }
  }

  private mutating func definition() -> KeptFloor.Definition {
    .kept(
      .random(in: 1...3, using: &random), invocations: .random(in: 0...3, using: &random),
      uid: .random(in: 0...9, using: &random))
  }
}
