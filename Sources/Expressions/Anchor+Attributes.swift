/// Anchors of attributes, which may be strings, integers or Booleans whatever a filter takes them for.
extension Anchor {
  /// An attribute whose canonical text is `text`.
  static func attribute(_ name: String, isText text: String) -> [Anchor] {
    var result = [Anchor([name], .string(text))]
    if let number = Int32(text), String(number) == text {
      result.append(Anchor([name], .number(text)))
    }
    if let flag = Bool(text) { result.append(Anchor([name], .boolean(flag))) }
    return result
  }

  /// An attribute that equals `value` when that is cast to the attribute's type.
  static func attribute(_ name: String, isCastOf value: AttributeValue) -> [Anchor] {
    var result = [Anchor([name], .string(value.text))]
    if let number = value.asInteger { result.append(Anchor([name], .number(String(number)))) }
    if let flag = value.asBoolean { result.append(Anchor([name], .boolean(flag))) }
    return result
  }

  /// An attribute whose canonical text begins so; nil if that of numbers could, too many to look up.
  static func attribute(_ name: String, beginsWith prefix: String) -> [Anchor]? {
    guard !prefix.isEmpty, prefix != "-", Int32(prefix) == nil else { return nil }
    var result = [Anchor([name], .prefix(prefix))]
    for flag in [true, false] where String(flag).begins(with: prefix) {
      result.append(Anchor([name], .boolean(flag)))
    }
    return result
  }
}
