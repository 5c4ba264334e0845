// What one organization feels of another that floods: the round trip of 50 triggers a second, alone
// and while the other has 100,000 to run.
//
//     fairness-benchmark GATEWAY [ROUNDS] [TRIGGERS]
//
// GATEWAY is the program, which is started on a new directory beside it for each round. The flood is a
// process of its own, as are both organizations' functions, HTTP endpoints that answer at once. Rounds
// alternate, and the medians of the rounds' percentiles are compared.

import EventCore
import Foundation
import NIOPosix
import Synchronization

let arguments = CommandLine.arguments
let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

if arguments.count == 5, arguments[1] == "flood" {
  let (port, functions, count) = (Int(arguments[2])!, Int(arguments[3])!, Int(arguments[4])!)
  let tenant = try await Tenant(
    "flood", at: port, functions: functions, try await Endpoint(group: group), group: group)
  say("ready")
  _ = readLine()
  let start = ContinuousClock.now
  let refused = try await tenant.flood(count)
  let emitted = ContinuousClock.now - start
  say("all emitted after \(emitted / .seconds(1)) s, \(refused) refused")
  while tenant.endpoint.count.load(ordering: .relaxed) < count - refused {
    try await Task.sleep(for: .milliseconds(20))
  }
  say("all run after \((ContinuousClock.now - start) / .seconds(1)) s")
  say("done")
} else {
  let rounds = arguments.count > 2 ? Int(arguments[2])! : 3
  let count = arguments.count > 3 ? Int(arguments[3])! : 100_000
  for functions in [1, 100] {
    try await Comparison(gateway: arguments[1], functions: functions, count: count).run(rounds)
  }
}
