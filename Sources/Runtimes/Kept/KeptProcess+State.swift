import EventCore
import NIOCore
import Subprocess
import SystemPackage

extension KeptProcess {
  struct Question: Sendable {
    let sink: any OutputSink
    let waiter: CheckedContinuation<Reply, Never>
  }

  struct State {
    var conversation = KeptConversation()
    var question: Question?
    /// The task that ends with the process; cancelled, it ends it.
    var life: Task<Void, Never>?
    var input: (any Channel)?
    /// Has what the process did not read of its input; closed with it.
    var unread: SystemPackage.FileDescriptor?
    /// The line that it was asked with is in the pipe.
    var isSent = false
    /// Of the gateway's ends, in the order of `KeptPipes.closeEnds`.
    var openedEnds = 0
    /// Those that are open.
    var readers: [Stream: (channel: any Channel, descriptor: CInt)] = [:]
    var logs = LineSplitter()
    /// What it logs before it is asked for the first time; nil from then on.
    var earlyLogs: [String]? = []
    /// Its input is closed, or it is being killed.
    var isEnding = false
    /// By the gateway.
    var isKilled = false
    var hasExited = false
    var status: TerminationStatus?
    var isGone = false

    var isReady: Bool { !isEnding && !hasExited && conversation.isIdle }

    /// Whether it got the whole line that it was asked with: one that did not can't have begun.
    var hasRead: Bool { isSent && unread?.rawValue.hasData == false }

    mutating func takeEarlyLogs() -> [String] { earlyLogs.take() ?? [] }

    /// - Returns: the lines that are whole now, for the one that is asked.
    mutating func takeLogs(_ bytes: [UInt8]) -> [String] {
      var lines: [String] = []
      logs.add(bytes) { lines.append($0) }
      if let early = earlyLogs {
        earlyLogs = early + lines.prefix(Limits.logLinesMax - early.count)
      }
      return lines
    }

    mutating func restOfLogs() -> [String] {
      guard logs.hasRest else { return [] }
      var lines: [String] = []
      logs.finish { lines.append($0) }
      return lines
    }

    /// What its end means for the invocation that waits for its answer.
    var ending: AttemptResult {
      if let fault = conversation.fault, isKilled || status == nil {
        return .failed(.function, code: "PROCESS_PROTOCOL", message: "the process \(fault)")
      }
      let end =
        switch status {
        case .exited(let code): "exited with code \(code)"
        case .signaled(let signal): "was ended by signal \(signal)"
        case nil: "ended"
        }
      return .failed(
        .function, code: "PROCESS_DIED", message: "the process \(end) before it answered")
    }
  }

  enum Stream: Hashable {
    case output, logs
  }
}
