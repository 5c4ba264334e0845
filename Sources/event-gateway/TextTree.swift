/// A label and what hangs below it, drawn with lines.
struct TextTree {
  var label: String
  var branches: [TextTree]

  /// - Parameter label: may come from elsewhere; it is drawn on one line, safe to show.
  init(_ label: String, _ branches: [TextTree] = []) {
    self.label = label.printableLine
    self.branches = branches
  }

  /// A line for each label.
  var lines: [String] {
    [label]
      + branches.enumerated().flatMap { index, branch in
        let isLast = index == branches.count - 1
        let lines = branch.lines
        return [(isLast ? "└─ " : "├─ ") + lines[0]]
          + lines.dropFirst().map { (isLast ? "   " : "│  ") + $0 }
      }
  }
}
