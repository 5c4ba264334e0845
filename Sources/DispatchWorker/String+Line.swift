internal import EventCore

extension String {
  /// For a text field of the contract: bounded, and without NUL, at which it would end.
  func line(toBytes limit: Int) -> String {
    let text = cut(toBytes: limit)
    return text.utf8.contains(0) ? text.replacing("\0", with: "\u{FFFD}") : text
  }
}
