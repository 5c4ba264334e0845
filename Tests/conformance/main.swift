import Foundation
import OfficialSuites

// Runs the official test suites: `make conformance`. Exit code 0 only if every required test passes.

var run = ConformanceRun { print($0) }
let problems = run.run()
for problem in problems { print("conformance: \(problem.prefix(1_000))") }
if problems.contains(where: { $0.contains("there is no") }) {
  print("conformance: \(SuitesFolder.whereLooked)")
}
print(problems.isEmpty ? "Every required test passes." : "\(problems.count) problems.")
exit(problems.isEmpty ? 0 : 1)
