// What the embedded store does per second, what a trigger costs on disk, and whether a trigger costs
// more when the store holds more.
//
//     store-benchmark [DIRECTORY] [SECONDS] [FINISHED]
//
// DIRECTORY must be on the disk to be measured; a new directory is made in it and removed again.
// SECONDS is each load's time, 0 leaves the loads out. FINISHED is how many finished invocations the
// large store holds: 10,000,000 take about 4 GB and some minutes to fill; 0 leaves the table out.
// Every figure is with synchronous=FULL: an fsync for each transaction.

import EventCore
import Foundation
import Logging
import SQLiteStore

let arguments = Array(CommandLine.arguments.dropFirst())
let directory = arguments.first ?? FileManager.default.currentDirectoryPath
let seconds = arguments.dropFirst().first.flatMap(Double.init) ?? 3
let finished = arguments.dropFirst(2).first.flatMap(Int.init) ?? 10_000_000
let path = directory + "/store-benchmark-\(getpid())"

if seconds > 0 {
  for concurrency in [1, 16, 256, 1_024] {
    for recording in [false, true] {
      let load = Load(concurrency: concurrency, isRecording: recording, seconds: seconds)
      print(try await load.run(in: path))
      try FileManager.default.removeItem(atPath: path)
    }
  }
}

if finished > 0 {
  print("\nCPU time of a trigger (accepted, read as due, recorded), medians of turns")
  print("| the store holds | little | much | ratio |\n|---|---|---|---|")
  let tables = [
    Growth(kind: .finished, little: 100, much: finished),
    Growth(kind: .retries, little: 1, much: min(100_000, finished)),
    Growth(kind: .keys, little: 1, much: min(100_000, finished)),
  ]
  for growth in tables {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    print(try await growth.run(in: path))
    try FileManager.default.removeItem(atPath: path)
  }
}
