/// Translates regular expressions of ECMA-262, with Unicode semantics, to RE2's syntax. Escapes of
/// punctuation and lone braces, which ECMA-262 allows only without its `u` flag, are taken as well:
/// schemas have them.
struct ECMAPattern {
  private let scalars: [Unicode.Scalar]
  private var position = 0
  private var output = ""
  /// Where in `output` the last atom begins; nil if there is none that could be repeated.
  private var atom: String.Index?
  /// Where in `output` each group that is open begins.
  private var open: [String.Index] = []
  /// The first thing that RE2 can't express. The rest is read nevertheless: it may be malformed.
  private var unsupported: String?

  private init(_ text: String) {
    scalars = Array(text.unicodeScalars)
  }

  /// - Throws: if it is malformed, or RE2 can't express it.
  static func translated(_ text: String) throws(PatternError) -> String {
    var pattern = ECMAPattern(text)
    while pattern.position < pattern.scalars.count { try pattern.term() }
    guard pattern.open.isEmpty else { throw PatternError(.malformed("a '(' is not closed")) }
    if let unsupported = pattern.unsupported { throw PatternError(.unsupported(unsupported)) }
    return pattern.output
  }

  private var next: Unicode.Scalar? {
    position < scalars.count ? scalars[position] : nil
  }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard next == scalar else { return false }
    position += 1
    return true
  }

  private mutating func emit(atom text: String) {
    let begin = output.utf8.count
    output += text
    atom = output.utf8.index(output.startIndex, offsetBy: begin)
  }

  private mutating func term() throws(PatternError) {
    let scalar = scalars[position]
    position += 1
    switch scalar {
    case "^": emit(assertion: #"\A"#)
    case "$": emit(assertion: #"\z"#)
    case "|": emit(assertion: "|")
    case ".": emit(atom: #"[^\n\r\x{2028}\x{2029}]"#)
    case "(": try openGroup()
    case ")":
      guard let begin = open.popLast() else {
        throw PatternError(.malformed("a ')' closes nothing"))
      }
      output += ")"
      atom = begin
    case "[": try characterClass()
    case "\\": try escape()
    case "*", "+", "?": try quantify(String(scalar))
    case "{":
      if let counts = try self.counts() { try quantify(counts) } else { emit(atom: #"\{"#) }
    default: emit(atom: ECMAEscape.literal(scalar))
    }
  }

  private mutating func emit(assertion text: String) {
    output += text
    atom = nil
  }

  private mutating func openGroup() throws(PatternError) {
    open.append(output.endIndex)
    let begin = output.utf8.count
    output += "(?:"
    open[open.count - 1] = output.utf8.index(output.startIndex, offsetBy: begin)
    atom = nil
    guard take("?") else { return }
    if take(":") { return }
    if take("=") || take("!") {
      unsupported = unsupported ?? "a look-ahead"
    } else if take("<") {
      if take("=") || take("!") {
        unsupported = unsupported ?? "a look-behind"
      } else {
        try skipGroupName()
      }
    } else {
      throw PatternError(.malformed("'(?' begins no group that is known"))
    }
  }

  private mutating func skipGroupName() throws(PatternError) {
    let begin = position
    while let scalar = next, scalar.properties.isIDContinue || scalar == "$" { position += 1 }
    guard position > begin, take(">") else {
      throw PatternError(.malformed("a group's name is ill-formed"))
    }
  }

  // MARK: Quantifiers

  /// `{n}`, `{n,}` or `{n,m}` after its brace; nil if it is none, and then nothing is taken.
  private mutating func counts() throws(PatternError) -> (Int, Int?)? {
    let begin = position
    guard let least = number() else {
      position = begin
      return nil
    }
    var most: Int? = least
    if take(",") { most = next == "}" ? nil : number() ?? -1 }
    guard take("}"), most != -1 else {
      position = begin
      return nil
    }
    if let most, most < least {
      throw PatternError(.malformed("the counts of a repetition are out of order"))
    }
    return (least, most)
  }

  private mutating func number() -> Int? {
    let begin = position
    var value = 0
    while let scalar = next, let digit = hexadecimalDigit(of: scalar), digit < 10 {
      value = min(value * 10 + Int(digit), 1 << 40)
      position += 1
    }
    return position > begin ? value : nil
  }

  private mutating func quantify(_ quantifier: String) throws(PatternError) {
    guard atom != nil else { throw PatternError(.malformed("there is nothing to repeat")) }
    output += quantifier
    if take("?") { output += "?" }
    atom = nil
  }

  /// RE2 repeats at most a thousand times: what is to be repeated more often stands there more often.
  private mutating func quantify(_ counts: (least: Int, most: Int?)) throws(PatternError) {
    guard let begin = atom else { throw PatternError(.malformed("there is nothing to repeat")) }
    // Lazy or not: it is the same, whether there is a match.
    _ = take("?")
    atom = nil
    guard max(counts.least, counts.most ?? 0) <= 20_000 else {
      unsupported = unsupported ?? "more than 20,000 repetitions"
      return
    }
    let repeated = String(output[begin...])
    output.removeSubrange(begin...)
    append(repeated, counts.least) { "{\($0)}" }
    if let most = counts.most {
      append(repeated, most - counts.least) { "{0,\($0)}" }
    } else {
      output += repeated + "*"
    }
    if counts.most == 0 { output += "(?:)" }
  }

  private mutating func append(_ text: String, _ count: Int, _ quantifier: (Int) -> String) {
    var left = count
    while left > 0 {
      output += text + quantifier(min(left, 1000))
      left -= 1000
    }
  }

  // MARK: Escapes and classes

  private mutating func escape() throws(PatternError) {
    var escape = ECMAEscape(scalars: scalars, position: position)
    let meaning = try escape.read(inClass: false)
    position = escape.position
    switch meaning {
    case .scalar(let scalar): emit(atom: ECMAEscape.literal(scalar))
    case .set(let members): emit(atom: "[\(members)]")
    case .wordBoundary(let isNegated): emit(assertion: isNegated ? #"\B"# : #"\b"#)
    case .unsupported(let what):
      unsupported = unsupported ?? what
      emit(atom: "(?:)")
    }
  }

  /// A class after its bracket.
  private mutating func characterClass() throws(PatternError) {
    let isNegated = take("^")
    var members = ""
    while !take("]") {
      guard next != nil else { throw PatternError(.malformed("a '[' is not closed")) }
      let first = try classAtom()
      let begin = position
      if take("-"), let after = next, after != "]" {
        let last = try classAtom()
        if case .scalar(let from) = first, case .scalar(let to) = last {
          guard from <= to else { throw PatternError(.malformed("a range is out of order")) }
          members += ECMAEscape.literal(from) + "-" + ECMAEscape.literal(to)
          continue
        }
      }
      // No range: a '-' beside a set stands for itself.
      position = begin
      switch first {
      case .scalar(let scalar): members += ECMAEscape.literal(scalar)
      case .set(let set): members += set
      case .wordBoundary: break
      case .unsupported(let what): unsupported = unsupported ?? what
      }
    }
    guard !members.isEmpty else {
      return emit(atom: isNegated ? ECMAEscape.anything : ECMAEscape.nothing)
    }
    emit(atom: "[\(isNegated ? "^" : "")\(members)]")
  }

  private mutating func classAtom() throws(PatternError) -> ECMAEscape.Meaning {
    let scalar = scalars[position]
    position += 1
    guard scalar == "\\" else { return .scalar(scalar) }
    var escape = ECMAEscape(scalars: scalars, position: position)
    defer { position = escape.position }
    return try escape.read(inClass: true)
  }
}
