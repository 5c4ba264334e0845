import DequeModule
package import EventCore

extension StoreModel {
  /// The place before the oldest one that is kept.
  private var forgottenPlace: Int64 { lastPlace - Int64(log.count) }

  mutating func note(_ position: Position, at now: Timestamp) {
    lastPlace += 1
    log.append(LogEntry(position: position, time: now))
    records[position.commit]!.places[position.ordinal] = lastPlace
  }

  mutating func forgetChanges(until now: Timestamp, limit: Int) {
    var forgotten = 0
    while forgotten < limit, let first = log.first, first.time + limits.changesWindow <= now {
      log.removeFirst()
      forgotten += 1
    }
  }

  package func changes(_ query: ChangeQuery) -> ChangePage {
    var page = ChangePage(place: query.after ?? lastPlace)
    guard let after = query.after, after < lastPlace else { return page }
    guard after >= forgottenPlace else {
      page.isExpired = true
      return page
    }
    for place in (after + 1)...lastPlace {
      if let change = change(at: place, for: query) {
        guard page.changes.count < query.limit else {
          page.hasMore = true
          return page
        }
        page.changes.append(change)
      }
      page.place = place
    }
    return page
  }

  /// Nil if another one has taken its place, its trigger is gone, or the query does not ask for it.
  private func change(at place: Int64, for query: ChangeQuery) -> Change? {
    let position = log[Int(place - forgottenPlace - 1)].position
    guard let record = records[position.commit], record.places[position.ordinal] == place,
      record.trigger.organization == query.organization
    else { return nil }
    let invocation = record.invocations[position.ordinal]
    guard query.event.isNilOr(record.trigger.event),
      query.subscriptionID.isNilOr(invocation.subscriptionID),
      query.functionID.isNilOr(invocation.functionID),
      query.states.isEmpty || query.states.contains(invocation.state)
    else { return nil }
    return Change(place: place, invocation.withoutResults, of: record.trigger.event)
  }
}

extension Optional where Wrapped: Equatable {
  /// As a filter that lets everything through when it is not set.
  func isNilOr(_ value: Wrapped) -> Bool { self == nil || self == value }
}
