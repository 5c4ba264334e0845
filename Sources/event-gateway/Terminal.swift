import Messages

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

func printError(_ text: String) {
  var line = text + "\n"
  line.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
}

/// Writes bytes to stdout as they are.
func writeOutput(_ bytes: [UInt8]) {
  var rest = bytes[...]
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    guard count > 0 else { return }
    rest = rest.dropFirst(count)
  }
}

/// A pipe is written in blocks: whoever waits for a line needs it at once.
func flushOutput() {
  fflush(nil)
}

/// Whether a person may be looking at what is printed.
var isOutputTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

func environment(_ name: String) -> String? {
  getenv(name).map { String(cString: $0) }
}

/// A column of a table: its title, and where its value is in a message.
struct Column {
  var title: String
  var path: [String]

  init(_ title: String, _ path: String...) {
    self.title = title
    self.path = path
  }
}

/// Rows of left-aligned columns, as wide as they need.
func table(_ trees: [MessageTree], _ columns: [Column]) -> String {
  let rows =
    [columns.map(\.title)]
    + trees.map { tree in
      columns.map { column in tree.value(at: column.path)?.inline ?? "-" }
    }
  let widths = columns.indices.map { index in rows.map { $0[index].count }.max() ?? 0 }
  return rows.map { row in
    zip(row, widths).map { cell, width in
      cell + String(repeating: " ", count: width - cell.count)
    }
    .joined(separator: "  ").trimmingSpacesAtEnd()
  }
  .joined(separator: "\n")
}

extension String {
  fileprivate func trimmingSpacesAtEnd() -> String {
    var text = self[...]
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}

extension String {
  /// Safe to show: characters that steer a terminal or turn the direction of text stand as their
  /// code points.
  var printable: String {
    unicodeScalars.reduce(into: "") { text, scalar in
      switch scalar.properties.generalCategory {
      case .control where scalar != "\n" && scalar != "\t", .format, .lineSeparator,
        .paragraphSeparator:
        text += "\\u{\(String(scalar.value, radix: 16))}"
      default: text.unicodeScalars.append(scalar)
      }
    }
  }
}

extension String {
  /// The same on one line.
  var printableLine: String { replacing("\n", with: " ").printable }
}

extension MessageTree {
  /// A line for each value, indented by its depth, as in YAML.
  var outline: String { lines(indent: "").joined(separator: "\n") }

  /// On one line.
  var inline: String {
    if let plainText { return plainText.printable }
    guard case .list(let values) = self else { return json }
    return values.map(\.inline).joined(separator: ",")
  }

  /// A text of several lines stands below its name.
  private static func lines(of text: String, _ name: String, _ indent: String) -> [String] {
    guard text.contains("\n") else { return ["\(name): \(text.printable)"] }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let shown = lines.last == "" ? lines.dropLast() : lines[...]
    return ["\(name): |"] + shown.map { indent + String($0).printable }
  }

  private func lines(indent: String) -> [String] {
    switch self {
    case .text, .literal, .bytes:
      return [indent + inline]
    case .list(let values):
      return values.flatMap { value in
        var lines = value.lines(indent: indent + "  ")
        lines[0] = indent + "- " + lines[0].dropFirst(indent.count + 2)
        return lines
      }
    case .object(let parts):
      return parts.isEmpty
        ? [indent + "{}"]
        : parts.flatMap { part in
          part.value.plainText.map { Self.lines(of: $0, indent + part.name, indent + "  ") }
            ?? ["\(indent)\(part.name):"] + part.value.lines(indent: indent + "  ")
        }
    }
  }
}
