/// The properties of characters that `\p{…}` names: ECMA-262, tables 66 to 69.
enum UnicodeProperty {
  enum Lookup {
    /// What stands within the brackets of a class of RE2.
    case known(String)
    /// There is such a property, but RE2 doesn't know it.
    case unsupported
    case unknown
  }

  static func set(named text: String, isNegated: Bool) -> Lookup {
    let letter = isNegated ? "P" : "p"
    guard let mark = text.firstIndex(of: "=") else {
      if let category = categories[text] { return .known("\\\(letter){\(category)}") }
      return binary(text, isNegated: isNegated)
    }
    let value = String(text[text.index(after: mark)...])
    switch text[..<mark] {
    case "General_Category", "gc":
      return categories[value].map { .known("\\\(letter){\($0)}") } ?? .unknown
    case "Script", "sc", "Script_Extensions", "scx":
      // Only letters and '_': RE2 says whether it knows the script.
      let isName = !value.isEmpty && value.utf8.allSatisfy { $0 == 0x5F || $0 | 0x20 >= 0x61 }
      return isName ? .known("\\\(letter){\(value)}") : .unknown
    default: return .unknown
    }
  }

  private static func binary(_ name: String, isNegated: Bool) -> Lookup {
    switch name {
    case "Any": return isNegated ? .unsupported : .known(#"\x{0}-\x{10ffff}"#)
    case "ASCII": return .known(isNegated ? #"\x{80}-\x{10ffff}"# : #"\x{0}-\x{7f}"#)
    case "ASCII_Hex_Digit", "AHex": return isNegated ? .unsupported : .known("0-9A-Fa-f")
    default: return otherBinary.contains(name) ? .unsupported : .unknown
    }
  }

  private static let otherBinary: Set<String> = [
    "Alphabetic", "Alpha", "Assigned", "Bidi_Control", "Bidi_C", "Bidi_Mirrored", "Bidi_M",
    "Case_Ignorable", "CI", "Cased", "Dash", "Default_Ignorable_Code_Point", "DI", "Deprecated",
    "Diacritic", "Dia", "Emoji", "Emoji_Component", "Emoji_Modifier", "Emoji_Modifier_Base",
    "Emoji_Presentation", "Extended_Pictographic", "ExtPict", "Extender", "Ext", "Grapheme_Base",
    "Gr_Base", "Grapheme_Extend", "Gr_Ext", "Hex_Digit", "Hex", "ID_Continue", "IDC", "ID_Start",
    "IDS", "Ideographic", "Ideo", "Join_Control", "Join_C", "Logical_Order_Exception", "LOE",
    "Lowercase", "Lower", "Math", "Noncharacter_Code_Point", "NChar", "Pattern_Syntax", "Pat_Syn",
    "Pattern_White_Space", "Pat_WS", "Quotation_Mark", "QMark", "Radical", "Regional_Indicator",
    "RI", "Sentence_Terminal", "STerm", "Soft_Dotted", "SD", "Terminal_Punctuation", "Term",
    "Unified_Ideograph", "UIdeo", "Uppercase", "Upper", "Variation_Selector", "VS", "White_Space",
    "space", "XID_Continue", "XIDC", "XID_Start", "XIDS",
  ]

  /// RE2's names of the general categories, by all of their names.
  private static let categories: [String: String] = {
    let names = [
      "C Other", "Cc Control cntrl", "Cf Format", "Co Private_Use", "Cs Surrogate", "L Letter",
      "Ll Lowercase_Letter", "Lm Modifier_Letter", "Lo Other_Letter", "Lt Titlecase_Letter",
      "Lu Uppercase_Letter", "M Mark Combining_Mark", "Mc Spacing_Mark", "Me Enclosing_Mark",
      "Mn Nonspacing_Mark", "N Number", "Nd Decimal_Number digit", "Nl Letter_Number",
      "No Other_Number", "P Punctuation punct", "Pc Connector_Punctuation",
      "Pd Dash_Punctuation", "Pe Close_Punctuation", "Pf Final_Punctuation",
      "Pi Initial_Punctuation", "Po Other_Punctuation", "Ps Open_Punctuation", "S Symbol",
      "Sc Currency_Symbol", "Sk Modifier_Symbol", "Sm Math_Symbol", "So Other_Symbol",
      "Z Separator", "Zl Line_Separator", "Zp Paragraph_Separator", "Zs Space_Separator",
    ]
    var categories: [String: String] = [:]
    for line in names.map({ $0.split(separator: " ") }) {
      for name in line { categories[String(name)] = String(line[0]) }
    }
    return categories
  }()
}
