import EventCore
import Messages

extension ExplainTriggerResponse {
  /// - Parameter subject: what the trigger is called.
  func tree(of subject: String) -> TextTree {
    var branches = [TextTree("event \(cloudEvent.shortened)")]
    if let schema { branches.append(schema.tree) }
    // `matchCount` is of all, also when only one was asked about.
    let matching = subscriptions.count { $0.outcome == .match }
    branches.append(
      TextTree(
        "subscriptions: \(matching) of \(subscriptions.count) match", subscriptions.map(\.tree)))
    branches += groups.map(\.tree)
    return TextTree(subject, branches)
  }
}

extension String {
  /// The whole is in the JSON output.
  fileprivate var shortened: String {
    let start = cut(toBytes: 512)
    return start == self ? self : start + "…"
  }
}

extension SchemaExplanation {
  fileprivate var tree: TextTree {
    let verdict =
      switch (violations.isEmpty, isRefused) {
      case (true, _): "✓ satisfied"
      case (false, true): "✗ violated, refused"
      case (false, false): "✗ violated, taken all the same"
      }
    return TextTree(
      "schema revision \(revision) (\(enforcement)): \(verdict)",
      violations.map { TextTree($0.line) })
  }
}

extension PayloadViolation {
  /// Safe to show, on one line.
  var line: String {
    let place = instanceLocation.isEmpty ? "the payload" : instanceLocation
    let keyword = keywordLocation.isEmpty ? "" : " (\(keywordLocation))"
    return "\(place) \(description)\(keyword)".printableLine
  }
}

extension SubscriptionExplanation {
  fileprivate var tree: TextTree {
    let mark = outcome == .match ? "✓" : "✗"
    let paused = isPaused ? " (paused: it is kept until that is over)" : ""
    return TextTree(
      "\(mark) \(subscriptionID) → \(functionID)\(paused)", reasons.map { TextTree($0) })
  }

  private var reasons: [String] {
    switch outcome {
    case .match: data.isEmpty ? [] : ["gets \(String(decoding: data, as: UTF8.self).shortened)"]
    case .otherEvent: ["subscribes to \(event)"]
    case .filtered: [decision]
    case .filterError: [decision, "can't be evaluated: \(error)"]
    }
  }

  private var decision: String {
    let sight = path.isEmpty ? "" : "; \(path) is \(seen.isEmpty ? "not there" : seen)"
    return "\(outcome == .filtered ? "fails at" : "stops at") \(clause)\(sight)"
  }
}

extension GroupExplanation {
  fileprivate var tree: TextTree {
    let parts = [("first", first), ("then", later), ("skipped", skipped)]
    return TextTree(
      "group \(groupID) (\(strategy.word))",
      parts.filter { !$0.1.isEmpty }.map { TextTree("\($0.0): \($0.1.joined(separator: ", "))") })
  }
}

extension SubscriptionGroup.Strategy {
  /// As the options are written.
  fileprivate var word: String {
    switch self {
    case .parallel: "parallel"
    case .sequence: "sequence"
    case .firstSuccess: "first-success"
    case .oneOf: "one-of"
    }
  }
}
