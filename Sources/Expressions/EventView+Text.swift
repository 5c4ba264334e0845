extension EventView {
  /// In its JSON format, for a person to read: at most so many bytes, and an ellipsis if there would
  /// be more.
  package func text(bytesMax: Int) -> String {
    JSONWriter.shown(bytesMax: bytesMax) { $0.write(self) }
  }
}

extension Template {
  /// What `render` gives, cut to so many bytes.
  package func preview(_ event: EventView, bytesMax: Int) -> [UInt8] {
    renderPart(event, bytesMax: bytesMax).bytes
  }
}
