// What the embedded store does per second, and what a trigger costs on disk.
//
//     swift run -c release store-benchmark [DIRECTORY] [SECONDS]
//
// DIRECTORY must be on the disk to be measured; a new directory is made in it and removed again.
// Every figure is with synchronous=FULL: an fsync for each transaction.

import EventCore
import Foundation
import Logging
import SQLiteStore

let directory = CommandLine.arguments.dropFirst().first ?? FileManager.default.currentDirectoryPath
let seconds = CommandLine.arguments.dropFirst(2).first.flatMap(Double.init) ?? 3

for concurrency in [1, 16, 256, 1_024] {
  for recording in [false, true] {
    let path = directory + "/store-benchmark-\(getpid())"
    let load = Load(concurrency: concurrency, isRecording: recording, seconds: seconds)
    print(try await load.run(in: path))
    try FileManager.default.removeItem(atPath: path)
  }
}
