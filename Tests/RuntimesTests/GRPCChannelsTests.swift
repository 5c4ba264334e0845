import EventCore
import GRPC
import Logging
import NIOCore
import NIOPosix
import Testing

@testable import Runtimes

@Suite(.timeLimit(.minutes(1)))
struct GRPCChannelsTests {
  private let limits: GRPCChannelLimits
  private let channels: GRPCChannels

  init() {
    var limits = GRPCChannelLimits()
    limits.idleMax = 2
    self.limits = limits
    channels = GRPCChannels(
      group: MultiThreadedEventLoopGroup.singleton, limits: limits,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  @Test func `functions of one destination share a channel, whatever their metadata`() throws {
    let first = try channels.open(destination("a:1") { $0.metadata = ["key": "1"] })
    let second = try channels.open(destination("a:1") { $0.metadata = ["key": "2"] })
    #expect(first === second && channels.count == 1)
    for change: (inout GRPCTarget) -> Void in [
      { $0.address = "b:1" }, { $0.usesTLS = true },
      {
        $0.usesTLS = true
        $0.serverName = "c"
      },
    ] {
      #expect(try channels.open(destination("a:1", change)) !== first)
    }
    #expect(channels.count == 4)
  }

  @Test func `a channel is closed when it was idle for its time, and not before`() throws {
    let (used, idle) = (destination("used:1"), destination("idle:1"))
    _ = try channels.open(used)
    let client = try channels.open(idle)
    _ = try channels.open(idle)
    let now = ContinuousClock.now
    channels.close(idle, at: now - limits.idleTimeout)
    channels.closeIdle(at: now)
    #expect(channels.count == 2, "one of its two calls goes on")
    channels.close(idle, at: now)
    channels.closeIdle(at: now + limits.idleTimeout - .nanoseconds(1))
    #expect(try channels.open(idle) === client)
    channels.close(idle, at: now)
    channels.closeIdle(at: now + limits.idleTimeout)
    #expect(channels.count == 1)
    #expect(try channels.open(idle) !== client)
  }

  @Test func `of too many idle ones the longest idle is closed, and none that is used`() throws {
    let all = (1...4).map { destination("host-\($0):1") }
    let clients = try all.map { try channels.open($0) }
    let now = ContinuousClock.now
    // At the limit of two.
    channels.close(all[1], at: now + .seconds(1))
    channels.close(all[0], at: now + .seconds(2))
    #expect(channels.count == 4)
    // One past it.
    channels.close(all[2], at: now + .seconds(3))
    #expect(channels.count == 3)
    #expect(try channels.open(all[0]) === clients[0])
    #expect(try channels.open(all[2]) === clients[2])
    #expect(try channels.open(all[3]) === clients[3])
    #expect(try channels.open(all[1]) !== clients[1])
  }

  @Test(arguments: [
    "a:1", "127.0.0.1:65535", "[::1]:50051", "[2001:db8::7]:443", "unix:/run/f.sock", "my_a:1,b:2",
  ])
  func `an address that may be written can be called`(_ address: String) throws {
    var function = Function()
    var target = GRPCTarget()
    target.address = address
    (function.functionID, function.target) = ("f", .grpc(target))
    #expect(function.check("f").violations == [])
    let endpoints = try GRPCDestination(target).configuration().endpoints
    #expect(endpoints.map(\.description).joined(separator: ",") == address)
  }

  private func destination(
    _ address: String, _ change: (inout GRPCTarget) -> Void = { _ in }
  ) -> GRPCDestination {
    var target = GRPCTarget()
    target.address = address
    change(&target)
    return GRPCDestination(target)
  }
}
