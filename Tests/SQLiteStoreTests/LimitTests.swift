import EventCore
import Testing

@testable import SQLiteStore

@Suite struct LimitTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test func `an organization has as many definitions of a kind as the limit and not one more`()
    async throws
  {
    var limits = StoreLimits()
    limits.definitionsPerKindMax = 2
    let store = try directory.open(limits: limits)
    for id in ["a", "b"] {
      guard case .committed = try await store.define(.function(id)) else {
        Issue.record("refused \(id)")
        return
      }
    }
    #expect(try await store.define(.function("c")) == .refused(.quota(.function, limit: 2)))
    let delete = DefinitionChange.delete(.init(.function, "a"), revision: nil)
    _ = try await store.commit(DefinitionTransaction(in: .default, [delete]))
    guard case .committed = try await store.define(.function("c")) else {
      Issue.record("refused after a deletion")
      return
    }
    await store.close()
  }

  @Test func `request ids past their window are removed, a few with each transaction`() throws {
    let connection = try Connection(path: directory.databasePath, .readWrite)
    try Migration.run(on: connection)
    var limits = StoreLimits()
    limits.prunedRequestsMax = 2
    let start = Timestamp(nanoseconds: 0)
    let late = start + limits.requestIDWindow
    for number in 0..<5 { try commit("old\(number)", at: start, connection, limits) }
    #expect(try requests(connection) == 5)
    try commit("new1", at: late, connection, limits)
    #expect(try requests(connection) == 4)
    try commit("new2", at: late, connection, limits)
    try commit("new3", at: late, connection, limits)
    try commit("new4", at: late, connection, limits)
    #expect(try requests(connection) == 4)
  }

  @Test func `names that no longer fit the writer's memory keep their numbers`() throws {
    let connection = try Connection(path: directory.databasePath, .readWrite)
    try Migration.run(on: connection)
    let names = Names(on: connection, rememberedMax: 2)
    let wanted = ["a", "b", "c", "d", "a", "c"]
    let numbers = try wanted.map { try names.number(.event, .default, $0) }
    #expect(numbers == [1, 2, 3, 4, 1, 3])
    #expect(try names.number(.function, .default, "a") == 5)
    #expect(try names.number(.event, Organization("other"), "a") == 6)
  }

  private func commit(
    _ id: String, at now: Timestamp, _ connection: Connection, _ limits: StoreLimits
  ) throws {
    let transaction = DefinitionTransaction(
      in: .default, [.create(.function(id))], requestID: id, now: now)
    var commit = DefinitionCommit(transaction, on: connection, limits: limits)
    guard case .committed = try commit.run() else {
      Issue.record("refused \(id)")
      return
    }
  }

  private func requests(_ connection: Connection) throws -> Int64? {
    try connection.first("SELECT count(*) FROM requests") { $0.integer(0) }
  }
}
