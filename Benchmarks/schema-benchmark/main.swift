// What it costs to parse a document and to check it against a schema.
//
//     schema-benchmark SCHEMA DOCUMENT [SECONDS]
//
// Prints the nanoseconds of CPU that one document takes, parsed and checked anew each time. Ends with
// 1 if the document is not valid: refusing is cheaper than accepting.

import Foundation
import JSON
import JSONSchema

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count >= 2 else {
  fatalError("usage: schema-benchmark SCHEMA DOCUMENT [SECONDS]")
}
let seconds = arguments.dropFirst(2).first.flatMap(Double.init) ?? 1
let schema = try Schema(JSONDocument([UInt8](Data(contentsOf: URL(filePath: arguments[0])))))
let text = try [UInt8](Data(contentsOf: URL(filePath: arguments[1])))

let violations = try JSONDocument(text).read { schema.violations(of: $0, atMost: 3) }
guard violations.isEmpty else {
  print("\(arguments[1]) is not valid: \(violations)")
  exit(1)
}

/// CPU time of this process so far.
func cpuNanoseconds() -> Int {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

/// - Returns: what so many rounds take.
func nanoseconds(of rounds: Int) throws -> Int {
  let begin = cpuNanoseconds()
  for _ in 0..<rounds {
    guard try JSONDocument(text).read({ schema.isSatisfied(by: $0) }) else {
      fatalError("a valid document was refused")
    }
  }
  return cpuNanoseconds() - begin
}

// As many rounds at once as make reading the clock free.
let roundsAtOnce = max(1, 200_000 / text.count)
_ = try nanoseconds(of: roundsAtOnce)
var rounds = 0
var total = 0
while Double(total) < seconds * 1e9 {
  total += try nanoseconds(of: roundsAtOnce)
  rounds += roundsAtOnce
}
print(total / rounds)
