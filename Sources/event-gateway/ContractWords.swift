import ArgumentParser
import EventCore

/// The contract's enumerations as words: upper or lower case, with `_` or `-`.
private func word(_ argument: String, without prefix: String = "") -> String {
  let name = argument.lowercased().replacing("_", with: "-")
  return name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
}

extension Invocation.State: ExpressibleByArgument {
  package init?(argument: String) {
    let name = word(argument, without: "state-")
    guard let state = Self.allCases.first(where: { "\($0)" == name }) else { return nil }
    self = state
  }
}

extension InvocationError.Class: ExpressibleByArgument {
  package init?(argument: String) {
    switch word(argument, without: "error-class-") {
    case "input": self = .input
    case "function": self = .function
    case "system": self = .system
    case "timeout": self = .timeout
    case "cancelled": self = .cancelled
    default: return nil
    }
  }
}

extension SubscriptionGroup.Strategy: ExpressibleByArgument {
  package init?(argument: String) {
    switch word(argument, without: "strategy-") {
    case "parallel": self = .parallel
    case "sequence": self = .sequence
    case "first-success": self = .firstSuccess
    case "one-of": self = .oneOf
    default: return nil
    }
  }
}

extension SubscriptionGroup.Completion: ExpressibleByArgument {
  package init?(argument: String) {
    switch word(argument, without: "completion-") {
    case "all": self = .all
    case "any": self = .any
    case "quorum": self = .quorum
    default: return nil
    }
  }
}

/// What a group does after a failure, or `default`: what its strategy does unless told otherwise.
struct FailureChoice: ExpressibleByArgument, Sendable {
  var onFailure: SubscriptionGroup.OnFailure?

  init?(argument: String) {
    switch word(argument, without: "on-failure-") {
    case "default": onFailure = nil
    case "continue": onFailure = .continue
    case "stop": onFailure = .stop
    case "cancel-remaining": onFailure = .cancelRemaining
    default: return nil
    }
  }
}

extension PayloadSchema.Enforcement: ExpressibleByArgument {
  package init?(argument: String) {
    switch word(argument, without: "enforcement-") {
    case "off": self = .off
    case "audit": self = .audit
    case "enforce": self = .enforce
    default: return nil
    }
  }
}

extension PayloadSchema.Compatibility: ExpressibleByArgument {
  package init?(argument: String) {
    switch word(argument, without: "compatibility-") {
    case "none": self = .none
    case "backward": self = .backward
    default: return nil
    }
  }
}
