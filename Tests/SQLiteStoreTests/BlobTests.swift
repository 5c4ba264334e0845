import EventCore
import TestSupport
import Testing

@testable import SQLiteStore

@Suite struct BlobTests {
  @Test(arguments: [0, 1, 127, 128, 16_383, 16_384, UInt64.max])
  func `a count comes back`(_ value: UInt64) throws {
    var writer = BlobWriter()
    writer.count(value)
    try read(writer.bytes) { (reader) throws(SQLiteError) in
      #expect(try reader.count() == value)
    }
  }

  @Test(arguments: [0, -1, 1, 63, -64, 64, Int64.min, .max])
  func `an integer comes back`(_ value: Int64) throws {
    var writer = BlobWriter()
    writer.integer(value)
    try read(writer.bytes) { (reader) throws(SQLiteError) in
      #expect(try reader.integer() == value)
    }
  }

  @Test func `small numbers take one byte`() {
    var writer = BlobWriter()
    writer.count(127)
    writer.integer(-64)
    #expect(writer.bytes.count == 2)
  }

  @Test func `every outcome that is cut off is called damaged`() throws {
    let bytes = Self.outcome.encoded()
    for end in 0..<bytes.count {
      #expect(throws: SQLiteError.self) { try Self.decode(Array(bytes[..<end])) }
    }
    #expect(throws: Never.self) { try Self.decode(bytes) }
    #expect(throws: SQLiteError.self) { try Self.decode(bytes + [0]) }
  }

  @Test func `a group comes back, and is damaged when it is cut off`() throws {
    let plan = GroupPlan(
      groupID: "g", strategy: .sequence, onFailure: .stop, needed: 2, pipesOutput: true,
      deadline: Timestamp(nanoseconds: -5), members: [3, 0, 999])
    let bytes = plan.encoded()
    let decode = { (bytes: [UInt8]) in
      try bytes.withUnsafeBytes { try GroupPlan(decoding: $0) }
    }
    #expect(try decode(bytes) == plan)
    for end in 0..<bytes.count {
      #expect(throws: SQLiteError.self) { try decode(Array(bytes[..<end])) }
    }
    #expect(throws: SQLiteError.self) { try decode(bytes + [0]) }
  }

  @Test func `no bytes make the reader trap`() {
    let seed = UInt64.random(in: 0...(.max))
    var random = SeededRandom(seed: seed)
    let valid = Self.outcome.encoded()
    for _ in 0..<2_000 {
      var bytes = valid
      for _ in 0..<3 {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(
          in: 0...255, using: &random)
      }
      // Either is fine; the point is to come back.
      _ = try? Self.decode(bytes)
    }
    print("seed \(seed)")
  }

  @Test func `a number of more than 64 bits is damaged`() {
    #expect(throws: SQLiteError.self) {
      try read([UInt8](repeating: 0xFF, count: 11)) { (reader) throws(SQLiteError) in
        _ = try reader.count()
      }
    }
  }

  @Test func `invocation keys sort by trigger, then backwards by ordinal`() {
    let keys = [(1, 999), (1, 1), (1, 0), (2, 999), (2, 0)].map {
      InvocationKey(seq: $0.0, ordinal: $0.1)
    }
    #expect(keys.map(\.rowID) == keys.map(\.rowID).sorted())
    #expect(keys.map(\.seq) == [1, 1, 1, 2, 2])
    #expect(keys.map(\.ordinal) == [999, 1, 0, 999, 0])
    let range = InvocationKey.range(ofTrigger: 1)
    #expect(range.first.rowID <= keys[0].rowID && keys[2].rowID <= range.last.rowID)
    #expect(range.last.rowID < keys[3].rowID)
  }

  private static var outcome: InvocationOutcome {
    var invocation = Invocation()
    var attempt = Attempt()
    attempt.number = 1
    attempt.error = InvocationError(.timeout, code: "c", message: "m", retryAfter: .seconds(1))
    invocation.attempts = [attempt, attempt]
    invocation.output = Output(payload: Payload(data: [1, 2, 3], dataType: "a/b"))
    invocation.logs = [LogLine(time: Timestamp(nanoseconds: 5), attempt: 1, text: "x")]
    invocation.error = attempt.error
    invocation.redrive = Invocation.Redrive(at: Timestamp(nanoseconds: 7), after: 2)
    return InvocationOutcome(of: invocation)
  }

  @discardableResult
  private static func decode(_ bytes: [UInt8]) throws -> InvocationOutcome {
    try bytes.withUnsafeBytes { try InvocationOutcome(decoding: $0) }
  }

  private func read(
    _ bytes: [UInt8], _ body: (inout BlobReader) throws(SQLiteError) -> Void
  ) throws {
    try bytes.withUnsafeBytes { bytes in
      var reader = BlobReader(bytes)
      try body(&reader)
    }
  }
}
