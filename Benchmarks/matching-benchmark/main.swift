import EventCore
import Foundation
import Matching

/// What it costs to find who wants a trigger, among few subscriptions and among many: CPU time of one
/// match with its payload's parsing, in turns, and memory by what the process has grown.
/// The sizes may be given as arguments.
let given = CommandLine.arguments.dropFirst().compactMap { Int($0) }
let sizes = given.isEmpty ? [10, 1_000, 100_000] : given
let rounds = 15
let matchesPerRound = 4_000

var scenes: [Scene] = []
var bytes: [Double] = []
var fillSeconds: [Double] = []
for size in sizes {
  let (before, start) = (Meter.residentBytes, Meter.cpuSeconds)
  scenes.append(Scene(subscriptionCount: size))
  fillSeconds.append((Meter.cpuSeconds - start) / Double(size))
  bytes.append(Double(Meter.residentBytes - before) / Double(size))
}

var costs = Array(repeating: [Double](), count: sizes.count)
for round in 0...rounds {
  for (index, scene) in scenes.enumerated() {
    let start = Meter.cpuSeconds
    for number in 0..<matchesPerRound {
      let trigger = scene.triggers[number % scene.triggers.count]
      guard let match = scene.catalog.match(trigger) else { fatalError("there is no event") }
      precondition(match.subscriptions.count == Scene.matchCount)
    }
    let cost = (Meter.cpuSeconds - start) / Double(matchesPerRound)
    // The first round warms up.
    if round > 0 { costs[index].append(cost) }
  }
}
let medians = costs.map { $0.sorted()[rounds / 2] }

print("| subscriptions | one match | to 10 | bytes each | one write |")
print("|---:|---:|---:|---:|---:|")
for (index, size) in sizes.enumerated() {
  print(
    String(
      format: "| %d | %.2f us | %.2f | %@ | %.1f us |", size, medians[index] * 1e6,
      medians[index] / medians[0], size < 1_000 ? "-" : String(format: "%.0f", bytes[index]),
      fillSeconds[index] * 1e6))
}
