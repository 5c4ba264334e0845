import NIOCore
import Testing

@testable import GRPC

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

@Suite struct BackoffTests {
  @Test func `it grows by 1.6 from a second to two minutes`() {
    var backoff = Backoff(ClientLimits())
    var delays: [Double] = []
    for _ in 0..<13 { delays.append(Double(backoff.next(chance: 0).nanoseconds) / 1e9) }
    #expect(delays[0] == 1)
    #expect(abs(delays[1] - 1.6) < 1e-6)
    #expect(abs(delays[2] - 2.56) < 1e-6)
    #expect(delays[12] == 120)
    backoff.reset()
    #expect(backoff.next(chance: 0) == .seconds(1))
  }

  @Test func `its bounds may be set`() {
    var limits = ClientLimits()
    (limits.backoffInitial, limits.backoffMax) = (.milliseconds(100), .milliseconds(150))
    var backoff = Backoff(limits)
    let delays = (0..<3).map { _ in backoff.next(chance: 0) }
    #expect(delays == [.milliseconds(100), .milliseconds(150), .milliseconds(150)])
  }

  @Test(arguments: [(-1.0, 0.8), (0.0, 1.0), (1.0, 1.2)])
  func `jitter is a fifth to either side`(_ chance: Double, _ seconds: Double) {
    var backoff = Backoff(ClientLimits())
    #expect(abs(Double(backoff.next(chance: chance).nanoseconds) / 1e9 - seconds) < 1e-6)
  }
}

@Suite struct ConnectFailureTests {
  @Test func `why there is no connection is told in words`() {
    let failures: [(any Error, String)] = [
      (IOError(errnoCode: ECONNREFUSED, reason: "connect"), "Connection refused"),
      (ChannelError.connectTimeout(.seconds(3)), "no answer within 3 s"),
    ]
    for (error, words) in failures { #expect(ConnectFailure(error).description == words) }
  }
}

@Suite struct ClientKeepaliveTests {
  private let start = NIODeadline.uptimeNanoseconds(0)

  private func keepalive(withoutCalls: Bool = false) -> ClientKeepalive {
    var limits = ClientLimits()
    limits.keepaliveTimeout = .seconds(20)
    limits.keepaliveWithoutCalls = withoutCalls
    return ClientKeepalive(limits, time: .seconds(60), now: start)!
  }

  @Test func `without a time there is none`() {
    #expect(ClientKeepalive(ClientLimits(), time: nil, now: start) == nil)
  }

  @Test func `silence is probed and then cut`() {
    var keepalive = keepalive()
    func look(_ seconds: Int64) -> ClientKeepalive.Verdict {
      keepalive.look(bytesReceived: 9, hasCalls: true, now: start + .seconds(seconds))
    }
    #expect(look(0) == .lookAgain(in: .seconds(60)))
    #expect(look(45) == .lookAgain(in: .seconds(15)))
    #expect(look(60) == .ping(lookAgainIn: .seconds(20)))
    #expect(look(70) == .lookAgain(in: .seconds(10)))
    #expect(look(80) == .cut)
  }

  @Test func `any byte is an answer`() {
    var keepalive = keepalive()
    #expect(
      keepalive.look(bytesReceived: 0, hasCalls: true, now: start + .seconds(60))
        == .ping(lookAgainIn: .seconds(20)))
    #expect(
      keepalive.look(bytesReceived: 17, hasCalls: true, now: start + .seconds(80))
        == .lookAgain(in: .seconds(60)))
  }

  @Test(arguments: [true, false])
  func `a connection without calls is probed only if wanted`(_ isWanted: Bool) {
    var keepalive = keepalive(withoutCalls: isWanted)
    let verdict = keepalive.look(bytesReceived: 0, hasCalls: false, now: start + .seconds(60))
    #expect(verdict == (isWanted ? .ping(lookAgainIn: .seconds(20)) : .lookAgain(in: .seconds(60))))
  }
}
