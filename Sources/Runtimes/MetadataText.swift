import JSON

/// A trigger's metadata as the text of one CloudEvents extension attribute, `metadata`: a JSON
/// object of strings, sorted by key.
///
/// One attribute for all: the keys are the user's own words, which neither header names nor names of
/// environment variables could keep apart. Those that can be attributes are attributes besides.
struct MetadataText {
  let json: String

  init(_ metadata: [String: String]) {
    var text = Array("{".utf8)
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      if text.count > 1 { text.append(UInt8(ascii: ",")) }
      JSONText.append(key.utf8, to: &text)
      text.append(UInt8(ascii: ":"))
      JSONText.append(value.utf8, to: &text)
    }
    text.append(UInt8(ascii: "}"))
    json = String(decoding: text, as: UTF8.self)
  }
}
