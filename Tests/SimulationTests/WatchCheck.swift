import EventCore

/// What a watcher has heard: each change once and in order, whatever tokens it came back with.
struct WatchCheck {
  private var heardSoFar: [(place: Int64, id: InvocationID, revision: Int32)] = []
  private(set) var revisions: [InvocationID: Int32] = [:]
  private(set) var hasHeard = false

  /// - Returns: what is wrong with it.
  mutating func heard(_ place: Int64, _ id: InvocationID, _ revision: Int32) -> String? {
    hasHeard = true
    defer {
      heardSoFar.append((place, id, revision))
      revisions[id] = revision
    }
    if let last = heardSoFar.last, last.place >= place {
      return "the watcher heard of place \(place) after \(last.place)"
    }
    if let last = revisions[id], last >= revision {
      return "the watcher heard revision \(revision) of \(id.short) after \(last)"
    }
    return nil
  }

  /// It forgets what came after the token's place, as a client does that had not stored more.
  mutating func rewound(to place: Int64) {
    while let last = heardSoFar.last, last.place > place { heardSoFar.removeLast() }
    revisions = [:]
    for heard in heardSoFar { revisions[heard.id] = heard.revision }
  }
}
