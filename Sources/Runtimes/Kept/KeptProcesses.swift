import EventCore
import NIOCore
import NIOPosix
import Subprocess
import Synchronization

/// Runs functions in processes that are kept: one invocation after another, line by line.
///
/// `KeptFloor` decides which process an attempt gets and which one ends; this starts them, asks them
/// and ends them.
final class KeptProcesses: Sendable {
  private struct State {
    var floor: KeptFloor
    /// Those that were started and are not gone.
    var processes: [Int: KeptProcess] = [:]
    var waiters: [Int: CheckedContinuation<KeptFloor.Grant?, Never>] = [:]
    var lastTicket = 0
    /// Waits until none is left.
    var shutdown: CheckedContinuation<Void, Never>?
  }

  private let group: any EventLoopGroup
  private let grace: Duration
  private let state: Mutex<State>

  init(group: any EventLoopGroup, processesMax: Int, grace: Duration) {
    self.group = group
    self.grace = grace
    state = Mutex(State(floor: KeptFloor(processesMax: processesMax)))
  }

  /// - Parameter path: finds the command's real path, at each start anew.
  func run(
    _ attempt: AttemptRequest, _ definition: KeptFloor.Definition, into sink: any OutputSink,
    path: (ProcessTarget) throws(GatewayError) -> String
  ) async -> AttemptResult {
    let owner = KeptFloor.Owner(attempt)
    let line = CloudEventDocument(attempt, extensions: attempt.keptExtensions).json
    while let grant = await take(for: owner, definition) {
      let process: KeptProcess
      switch grant {
      case .use(let id):
        // It may be gone by now, then another one gets the invocation.
        guard let idle = state.withLock({ $0.processes[id] }) else { continue }
        process = idle
      case .start(let id, let pause):
        do {
          try await Task.sleep(for: pause)
          process = try await start(id, definition.target, at: try path(definition.target))
        } catch {
          act { $0.gone(id, hasFailed: !(error is CancellationError), at: .now) }
          return Task.isCancelled ? .cancelled : .spawnFailed(error, definition.target)
        }
      }
      switch await process.ask(line, of: attempt.invocationID, into: sink) {
      case .answered(let answer, let isUsable):
        act { $0.answered(grant.id, isUsable: isUsable, at: .now) }
        return answer.result(into: sink)
      case .missed where grant == .use(grant.id):
        // It died while it was idle: another one gets the invocation.
        continue
      case .broken(let result), .missed(let result):
        return Task.isCancelled ? .cancelled : result
      }
    }
    return .cancelled
  }

  /// A function was changed or deleted: its processes are ended, those that are busy once they have
  /// answered.
  func define(_ definition: KeptFloor.Definition?, of owner: KeptFloor.Owner) {
    act { $0.define(definition, of: owner) }
  }

  /// Ends all processes. To be called once, when no attempt runs.
  func shutdown() async {
    act { $0.close() }
    await withCheckedContinuation { waiter in
      let isOver = state.withLock { state in
        if state.floor.processCount > 0 { state.shutdown = waiter }
        return state.floor.processCount == 0
      }
      if isOver { waiter.resume() }
    }
  }

  // MARK: Taking and starting

  /// Nil if the task is cancelled first, or all ends.
  private func take(
    for owner: KeptFloor.Owner, _ definition: KeptFloor.Definition
  ) async -> KeptFloor.Grant? {
    let ticket = state.withLock { state in
      state.lastTicket += 1
      return state.lastTicket
    }
    let grant = await withTaskCancellationHandler {
      await withCheckedContinuation { waiter in
        let isWaiting = state.withLock { state in
          // The handler may have run already, and found nobody in line.
          guard !Task.isCancelled else { return false }
          state.waiters[ticket] = waiter
          return true
        }
        guard isWaiting else { return waiter.resume(returning: nil) }
        act { $0.ask(ticket, for: owner, definition, at: .now) }
      }
    } onCancel: {
      let waiter = state.withLock { state in
        state.floor.withdraw(ticket)
        return state.waiters.removeValue(forKey: ticket)
      }
      waiter?.resume(returning: nil)
    }
    guard let grant, Task.isCancelled else { return grant }
    giveBack(grant)
    return nil
  }

  private func giveBack(_ grant: KeptFloor.Grant) {
    act { floor in
      switch grant {
      case .use(let id): floor.returned(id, at: .now)
      case .start(let id, _): floor.gone(id, hasFailed: false, at: .now)
      }
    }
  }

  private func start(
    _ id: Int, _ target: ProcessTarget, at path: String
  ) async throws -> KeptProcess {
    let configuration = Configuration(
      target, at: path, variables: ProcessEnvironment(target).variables, grace: grace)
    let process = try await KeptProcess.start(
      configuration, on: group.next(), grace: grace
    ) { [self] hasFailed in
      act(removing: id) { $0.gone(id, hasFailed: hasFailed, at: .now) }
    }
    state.withLock { state in
      // It may be gone by now.
      if state.floor.has(id) { state.processes[id] = process }
    }
    return process
  }

  // MARK: Acting

  private func act(
    removing gone: Int? = nil, _ decide: (inout KeptFloor) -> [KeptFloor.Action]
  ) {
    let (steps, shutdown) = state.withLock { state in
      if let gone { state.processes[gone] = nil }
      let steps = decide(&state.floor).map { Step($0, &state) }
      let isOver = state.floor.processCount == 0
      return (steps, isOver ? state.shutdown.take() : nil)
    }
    for step in steps { perform(step) }
    shutdown?.resume()
  }

  /// An action, with whom it is for.
  private enum Step {
    case answer(CheckedContinuation<KeptFloor.Grant?, Never>, KeptFloor.Grant?)
    /// Who was in line has gone meanwhile.
    case giveBack(KeptFloor.Grant)
    case end(KeptProcess)
    case watchIdle(Int, Duration)
    case none

    init(_ action: KeptFloor.Action, _ state: inout State) {
      switch action {
      case .grant(let ticket, let grant):
        self =
          state.waiters.removeValue(forKey: ticket).map { .answer($0, grant) } ?? .giveBack(grant)
      case .refuse(let ticket):
        self = state.waiters.removeValue(forKey: ticket).map { .answer($0, nil) } ?? .none
      case .end(let id): self = state.processes[id].map { .end($0) } ?? .none
      case .watchIdle(let id, let time): self = .watchIdle(id, time)
      }
    }
  }

  private func perform(_ step: Step) {
    switch step {
    case .answer(let waiter, let grant): waiter.resume(returning: grant)
    case .giveBack(let grant): giveBack(grant)
    case .end(let process): process.end()
    case .watchIdle(let id, let time):
      _ = group.next().scheduleTask(in: .nanoseconds(time.wholeNanoseconds)) { [weak self] in
        self?.act { $0.idleTimePassed(id, at: .now) }
      }
    case .none: break
    }
  }
}

extension KeptFloor.Grant {
  fileprivate var id: Int {
    switch self {
    case .use(let id), .start(let id, _): id
    }
  }
}

extension KeptFloor.Owner {
  init(_ attempt: AttemptRequest) {
    self.init(
      organization: attempt.trigger.organization, functionID: attempt.function.functionID)
  }
}

extension KeptFloor.Definition {
  /// Nil if its processes are not kept.
  init?(_ function: Function) {
    guard case .process(let target) = function.target, let keepAlive = target.keepAlive else {
      return nil
    }
    self.init(uid: function.stamp.uid, target: target, keepAlive: keepAlive)
  }
}

extension AttemptRequest {
  /// What a kept process needs to know beyond what every function gets.
  fileprivate var keptExtensions: [CloudEvent.Attribute] {
    [("dispatchinvocation", invocationID.description)]
      + (deadline.map { [("dispatchdeadline", $0.description)] } ?? [])
  }
}

extension KeptAnswer {
  fileprivate func result(into sink: any OutputSink) -> AttemptResult {
    if let output { sink.output(output) }
    if let error { return AttemptResult(.failed(error)) }
    return AttemptResult(.succeeded, dataType: dataType)
  }
}

extension AttemptResult {
  fileprivate static func spawnFailed(
    _ error: any Error, _ target: ProcessTarget
  ) -> AttemptResult {
    switch error {
    case let error as SubprocessError: error.result(for: target.command)
    case let error as GatewayError:
      .failed(.system, code: "SPAWN_FAILED", message: error.message, isFinal: true)
    default: .spawnFailed(target.command, "\(error)", isFinal: false)
    }
  }
}
