import EventCore
import Testing

@testable import Executors

struct WatchBufferTests {
  private let buffer = WatchBuffer()

  @Test func `chunks are kept up to the limit, and dropped beyond it`() {
    let half = [UInt8](repeating: 0, count: ExecutorLimits.watchChunkBytesMax / 2 - 128)
    for offset in 0..<3 { put(.output(id(0), attempt: 1, offset: offset, bytes: half)) }
    #expect(taken() == [0, 1].map { .output(id(0), attempt: 1, offset: $0, bytes: half) })
    put(.output(id(0), attempt: 1, offset: 3, bytes: half))
    #expect(taken().count == 1, "there is room again")
  }

  @Test func `empty chunks are bounded too`() {
    let line = LogLine(time: Timestamp(nanoseconds: 0), attempt: 1, text: "")
    for _ in 0..<100_000 { put(.log(id(0), line)) }
    #expect(taken().count == ExecutorLimits.watchChunkBytesMax / 128)
  }

  @Test func `changes beyond the limit are read again, each invocation once, in order`() {
    let big = invocation(0, bytes: ExecutorLimits.watchChangeBytesMax)
    put(.changed(big))
    for ordinal in [1, 2, 1, 2] { put(.changed(invocation(ordinal, bytes: 0))) }
    #expect(taken() == [.changed(big)])
    put(.changed(invocation(3, bytes: 0)))
    guard case .reread(let rereads) = buffer.take() else { Issue.record("no reread"); return }
    #expect(rereads.map(\.id.ordinal) == [1, 2, 3])
    put(.changed(invocation(4, bytes: 0)))
    #expect(taken() == [.changed(invocation(4, bytes: 0))])
  }

  @Test func `one batch reads back at most so many invocations`() {
    put(.changed(invocation(0, bytes: ExecutorLimits.watchChangeBytesMax)))
    for ordinal in 1...100 { put(.changed(invocation(ordinal, bytes: 0))) }
    _ = taken()
    guard case .reread(let rereads) = buffer.take() else { Issue.record("no reread"); return }
    #expect(rereads.count == ExecutorLimits.watchRereadMax)
  }

  @Test func `a closed buffer gives what it has, then ends`() {
    put(.changed(invocation(0, bytes: 0)))
    buffer.close()
    put(.changed(invocation(1, bytes: 0)))
    #expect(taken() == [.changed(invocation(0, bytes: 0))])
    guard case .closed = buffer.take() else { Issue.record("not closed"); return }
  }

  private func put(_ progress: TriggerProgress) {
    buffer.put(progress, in: .default)
  }

  private func taken() -> [TriggerProgress] {
    guard case .progress(let progress) = buffer.take() else { return [] }
    return progress
  }

  private func id(_ ordinal: Int) -> InvocationID {
    InvocationID(triggerID: UniqueID(high: 0, low: 1), ordinal: ordinal)
  }

  private func invocation(_ ordinal: Int, bytes: Int) -> Invocation {
    var invocation = Invocation()
    invocation.id = id(ordinal)
    invocation.output = Output(payload: Payload(data: Array(repeating: 0, count: bytes)))
    return invocation
  }
}
