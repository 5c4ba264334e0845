import NIOCore
import Testing

@testable import GRPC

/// What a connection's watch and its count of PINGs decide, without a connection.
@Suite struct KeepaliveTests {
  private let start = NIODeadline.uptimeNanoseconds(0)

  private func at(_ seconds: Int64) -> NIODeadline { start + .seconds(seconds) }

  private func sight(_ change: (inout ConnectionWatch.Sight) -> Void = { _ in })
    -> ConnectionWatch.Sight
  {
    var sight = ConnectionWatch.Sight(openStreams: 1, activeSince: start)
    change(&sight)
    return sight
  }

  private func expect(
    _ watch: inout ConnectionWatch, _ sight: ConnectionWatch.Sight, _ now: NIODeadline,
    _ expected: ConnectionWatch.Verdict, at place: SourceLocation = #_sourceLocation
  ) {
    let verdict = watch.look(sight, now: now)
    #expect(verdict == expected, sourceLocation: place)
  }

  private func expect(
    _ pings: inout PingStrikes, hasStreams: Bool, _ now: NIODeadline, isAllowed: Bool,
    at place: SourceLocation = #_sourceLocation
  ) {
    let verdict = pings.allow(hasStreams: hasStreams, now: now)
    #expect(verdict == isAllowed, sourceLocation: place)
  }

  @Test func `a silent client is pinged, and cut when it does not answer`() {
    var watch = ConnectionWatch(.init(), jitter: 0, now: start)
    expect(&watch, sight(), at(7199), .goOn)
    expect(&watch, sight(), at(7200), .ping)
    expect(&watch, sight(), at(7219), .goOn)
    expect(&watch, sight(), at(7220), .cut("no answer to a PING"))
  }

  @Test func `a client that opens no window while much waits for it is cut`() {
    var watch = ConnectionWatch(.init(), jitter: 0, now: start)
    let stuck = sight { ($0.outboundBytes, $0.framesSent) = (300 << 10, 5) }
    expect(&watch, stuck, at(1), .goOn)
    // One frame in a minute is enough.
    expect(&watch, sight { ($0.outboundBytes, $0.framesSent) = (300 << 10, 6) }, at(60), .goOn)
    expect(&watch, sight { ($0.outboundBytes, $0.framesSent) = (300 << 10, 6) }, at(119), .goOn)
    expect(
      &watch, sight { ($0.outboundBytes, $0.framesSent) = (300 << 10, 6) }, at(120),
      .cut("windows that the client does not open"))
  }

  @Test func `it is cut sooner while memory is short`() {
    var watch = ConnectionWatch(.init(), jitter: 0, now: start)
    let stuck = sight {
      ($0.outboundBytes, $0.framesSent, $0.isMemoryShort) = (300 << 10, 5, true)
    }
    expect(&watch, stuck, at(1), .goOn)
    expect(&watch, stuck, at(5), .goOn)
    expect(&watch, stuck, at(6), .cut("windows that the client does not open"))
  }

  @Test func `a slow reader of little is left alone`() {
    var watch = ConnectionWatch(.init(), jitter: 0, now: start)
    for second in [1, 60, 600] as [Int64] {
      expect(&watch, sight { $0.outboundBytes = 64 << 10 }, at(second), .goOn)
    }
  }

  @Test func `a client that answers is left alone`() {
    var watch = ConnectionWatch(.init(), jitter: 0, now: start)
    expect(&watch, sight(), at(7200), .ping)
    expect(&watch, sight { $0.bytesReceived = 17 }, at(7210), .goOn)
    expect(&watch, sight { $0.bytesReceived = 17 }, at(7230), .goOn)
  }

  @Test(arguments: [(-1.0, Int64(90)), (0, 100), (1, 110)])
  func `an old connection is drained, and cut after its grace`(_ jitter: Double, _ age: Int64) {
    var limits = ServerLimits()
    limits.connectionAgeMax = .seconds(100)
    limits.connectionAgeGrace = .seconds(30)
    var watch = ConnectionWatch(limits, jitter: jitter, now: start)
    expect(&watch, sight(), at(age - 1), .goOn)
    expect(&watch, sight(), at(age), .drain)
    expect(&watch, sight(), at(age + 29), .drain)
    expect(&watch, sight(), at(age + 30), .cut("it reached its maximum age"))
  }

  @Test func `a frame that does not end is cut, one after the other is not`() {
    var watch = ConnectionWatch(.init(), jitter: 0, now: start)
    for second in 0..<Int64(60) {
      let frame = sight {
        $0.isInsideFrame = true
        $0.framesBegun = Int(second)
      }
      expect(&watch, frame, at(second), .goOn)
    }
    let stuck = sight {
      $0.isInsideFrame = true
      $0.framesBegun = 59
    }
    expect(&watch, stuck, at(88), .goOn)
    expect(&watch, stuck, at(89), .cut("a frame that does not end"))
  }

  @Test func `strikes are counted, forgiven, and one too many is told`() {
    var limits = ServerLimits()
    limits.pingStrikesMax = 2
    var pings = PingStrikes(limits)
    for _ in 0..<3 { expect(&pings, hasStreams: true, at(0), isAllowed: true) }
    pings.forgive()
    for _ in 0..<3 { expect(&pings, hasStreams: true, at(0), isAllowed: true) }
    expect(&pings, hasStreams: true, at(0), isAllowed: false)
  }

  @Test func `a keepalive of ten seconds never strikes`() {
    var pings = PingStrikes(.init())
    for index in 0..<Int64(10_000) {
      expect(&pings, hasStreams: false, at(10 * index), isAllowed: true)
    }
  }

  @Test func `without streams the interval is two hours unless more is permitted`() {
    var limits = ServerLimits()
    limits.permitsPingsWithoutStreams = false
    limits.pingStrikesMax = 0
    var pings = PingStrikes(limits)
    expect(&pings, hasStreams: false, at(0), isAllowed: true)
    expect(&pings, hasStreams: false, at(7200), isAllowed: true)
    expect(&pings, hasStreams: false, at(7300), isAllowed: false)
  }
}
