import Expressions
import JSON
import Testing

@Suite struct PatternTests {
  /// A pattern for `data.x`, values of it that match, and others that do not.
  struct Case: Sendable, CustomTestStringConvertible {
    var pattern: String
    var matching: [String]
    var others: [String]

    init(_ pattern: String, matches: [String], not others: [String]) {
      self.pattern = pattern
      matching = matches
      self.others = others
    }

    var testDescription: String { pattern }
  }

  static let values: [Case] = [
    Case(
      #"["running"]"#, matches: [#""running""#, #""r\u0075nning""#], not: [#""Running""#, "1"]),
    Case(#"["a", "b"]"#, matches: [#""a""#, #""b""#], not: [#""ab""#, #""""#, "null"]),
    Case(#"[""]"#, matches: [#""""#], not: ["null", #"" ""#]),
    Case("[null]", matches: ["null"], not: [#""null""#, "0", "false"]),
    Case("[true]", matches: ["true"], not: ["false", #""true""#, "1"]),
    Case(
      "[100]", matches: ["100", "100.0", "1e2", "1000e-1"], not: [#""100""#, "100.01", "-100"]),
    Case("[0]", matches: ["0", "-0", "0.00", "0e7"], not: ["1", "false", "null", "1e-300"]),
    Case(
      "[9007199254740993]", matches: ["9007199254740993", "9007199254740993.0"],
      not: ["9007199254740992", "9007199254740994"]),
    Case(
      #"[{"prefix": "eu-"}]"#, matches: [#""eu-""#, #""eu-1""#], not: [#""EU-1""#, #""e""#, "1"]),
    Case(
      #"[{"suffix": ".png"}]"#, matches: [#""a.png""#, #"".png""#], not: [#""a.PNG""#, #""g""#]),
    Case(
      #"[{"prefix": {"equals-ignore-case": "Ää"}}]"#, matches: [#""äÄ-1""#, #""ÄÄ""#],
      not: [#""aä""#, #""ä""#]),
    Case(
      #"[{"suffix": {"equals-ignore-case": "É.Png"}}]"#, matches: [#""xé.pnG""#, #""É.PNG""#],
      not: [#""e.png""#, #""é.pngx""#, #"".png""#]),
    Case(
      #"[{"equals-ignore-case": "Stra\u00dfe \u212a"}]"#,
      matches: [#""STRAßE k""#, #""straßE K""#],
      not: [#""strasse k""#, #""straße""#, #""straße kk""#, "5"]),
    Case(
      #"[{"equals-ignore-case": "İ"}]"#, matches: [#""İ""#, #""i\u0307""#], not: [#""i""#, #""I""#]),
    Case(
      #"[{"suffix": {"equals-ignore-case": "i\u0307"}}]"#, matches: [#""xİ""#], not: [#""xi""#]),
    Case(
      #"[{"anything-but": "a"}]"#, matches: [#""b""#, "1", "null", "false"],
      not: [#""a""#, "{}", "[]"]),
    Case(#"[{"anything-but": ["a", "b"]}]"#, matches: [#""c""#], not: [#""a""#, #""b""#]),
    Case(#"[{"anything-but": [1, 2.0]}]"#, matches: ["3", #""1""#], not: ["1.0", "2"]),
    Case(#"[{"anything-but": null}]"#, matches: ["false", "0"], not: ["null"]),
    Case(#"[{"anything-but": {"prefix": "a"}}]"#, matches: [#""ba""#, "7"], not: [#""ab""#]),
    Case(#"[{"anything-but": {"suffix": ["a", "b"]}}]"#, matches: [#""c""#], not: [#""b""#]),
    Case(#"[{"anything-but": {"equals-ignore-case": "a"}}]"#, matches: [#""b""#], not: [#""A""#]),
    Case(
      #"[{"anything-but": {"wildcard": "*/lib/*"}}]"#, matches: [#""/lib""#],
      not: [#""/usr/lib/x""#]),
    Case(
      #"[{"numeric": [">", 0, "<=", 5]}]"#, matches: ["0.0001", "5", "5.0", "1e0", "49e-1"],
      not: ["0", "-0.0", "5.0001", "-1", #""1""#, "1e400", "true"]),
    Case(#"[{"numeric": ["<", 10]}]"#, matches: ["9.99", "-1e400"], not: ["10", "1e1", "11"]),
    Case(#"[{"numeric": ["=", 3.018e2]}]"#, matches: ["301.8", "3018e-1"], not: ["301.80001"]),
    Case(
      #"[{"numeric": [">=", -5, "<", -1.5]}]"#, matches: ["-5", "-1.51"], not: ["-5.1", "-1.5"]),
    Case(
      #"[{"numeric": [">", 0.1]}]"#, matches: ["0.1000000000000000000000000000001"],
      not: ["0.1", "0.10"]),
    Case(
      #"[{"exists": true}]"#, matches: [#""""#, "0", "null", "false", "[1]", "[[], [{}, 0]]"],
      not: ["{}", #"{"y": 1}"#, "[]", "[{}]"]),
    Case(
      #"[{"exists": false}]"#, matches: ["{}", "[]", "[{}, []]"], not: ["null", "[null]", "1"]),
    Case(#"["a", {"exists": false}]"#, matches: [#""a""#, "[]"], not: [#""b""#, #"["b"]"#]),
    Case(
      #"[{"wildcard": "dir/*.png"}]"#,
      matches: [#""dir/a.png""#, #""dir/.png""#, #""dir/a/b.png""#],
      not: [#""dir.png""#, #""dir/a.pngx""#, #""xdir/a.png""#]),
    Case(#"[{"wildcard": "*"}]"#, matches: [#""""#, #""a""#], not: ["1", "null"]),
    Case(#"[{"wildcard": "a*a"}]"#, matches: [#""aa""#, #""aba""#], not: [#""a""#, #""ab""#]),
    Case(
      #"[{"wildcard": "*aab*ab*"}]"#, matches: [#""aaabab""#, #""xaabxxabx""#],
      not: [#""aab""#, #""abaab""#, #""aaba""#]),
    Case(
      #"[{"wildcard": "\\**\\\\"}]"#, matches: [#""*\\""#, #""*x\\""#], not: [#""x\\""#, #""*""#]),
    Case(#"[{"wildcard": "abc"}]"#, matches: [#""abc""#], not: [#""abcd""#, #""ab""#]),
    Case(
      #"[{"cidr": "10.0.0.0/24"}]"#, matches: [#""10.0.0.0""#, #""10.0.0.255""#],
      not: [
        #""10.0.1.0""#, #""10.0.0.256""#, #""10.0.0""#, #""10.0.0.01""#, #""10.0.0.1.""#,
        #""::a00:1""#, #""""#, "10",
      ]),
    Case(#"[{"cidr": "1.2.3.4/0"}]"#, matches: [#""255.0.0.1""#], not: [#""::1""#, #""a""#]),
    Case(#"[{"cidr": "1.2.3.4/32"}]"#, matches: [#""1.2.3.4""#], not: [#""1.2.3.5""#]),
    Case(
      #"[{"cidr": "2001:db8::/33"}]"#,
      matches: [#""2001:db8::1""#, #""2001:DB8:7fff:0:0:0:0:1""#, #""2001:db8:0:0:0:0:1.2.3.4""#],
      not: [
        #""2001:db8:8000::""#, #""2001:db8""#, #""2001:db8::1::2""#, #""2001:db8:::1""#,
        #""2001:db8:0:0:0:0:0:0:1""#, #""2001:db8::1.2.3.4:5""#, #""1.2.3.4::""#,
        #""2001:db8:0:0:0:0:0:""#, #""2001:db8::00001""#,
      ]),
    Case(#"[{"cidr": "::/0"}]"#, matches: [#""::""#, #""::ffff:1.2.3.4""#], not: [#""1.2.3.4""#]),
    // One element of an array is enough.
    Case(#"["b", "x"]"#, matches: [#"["a", "b"]"#, #"[["b"], 1]"#], not: [#"["a"]"#, "[]"]),
    Case(#"[{"anything-but": "a"}]"#, matches: [#"["a", "b"]"#], not: [#"["a", "a"]"#]),
  ]

  @Test(arguments: values)
  func `a value is one of the alternatives`(_ example: Case) throws {
    let filter = try Filter(pattern: "{\"data\": {\"x\": \(example.pattern)}}")
    for value in example.matching {
      let event = try EventView(event: "{\"data\": {\"w\": 0, \"x\": \(value)}}")
      #expect(filter.evaluate(event) == .match, "\(value)")
    }
    for value in example.others {
      let event = try EventView(event: "{\"data\": {\"x\": \(value), \"y\": 0}}")
      #expect(filter.evaluate(event) == .noMatch, "\(value)")
    }
  }

  private func matches(_ pattern: String, _ event: String) throws -> Bool {
    try Filter(pattern: pattern).evaluate(try EventView(event: event)) == .match
  }

  @Test func `all members must match`() throws {
    let pattern = #"{"type": ["a", "b"], "data": {"state": ["on"], "place": {"id": [1]}}}"#
    #expect(try matches(pattern, #"{"type":"b","data":{"state":"on","place":{"id":1,"x":2}}}"#))
    #expect(try !matches(pattern, #"{"type":"c","data":{"state":"on","place":{"id":1}}}"#))
    #expect(try !matches(pattern, #"{"type":"b","data":{"state":"on","place":{"id":2}}}"#))
    #expect(try !matches(pattern, #"{"type":"b","data":{"state":"on"}}"#))
    #expect(try !matches(pattern, #"{"type":"b"}"#))
  }

  @Test func `attributes are strings, numbers and booleans`() throws {
    let event = #"{"type":"t","priority":7,"urgent":true,"metadata":{"team":"eu","n":"7"}}"#
    #expect(try matches(#"{"priority": [7.0], "urgent": [true]}"#, event))
    #expect(try matches(#"{"priority": [{"numeric": [">", 6.5]}]}"#, event))
    #expect(try !matches(#"{"priority": ["7"]}"#, event))
    #expect(try !matches(#"{"urgent": ["true"]}"#, event))
    #expect(try matches(#"{"metadata": {"team": [{"prefix": "e"}], "n": ["7"]}}"#, event))
    #expect(try !matches(#"{"metadata": {"n": [7]}}"#, event))
    #expect(try matches(#"{"metadata": {"other": [{"exists": false}]}}"#, event))
    #expect(try matches(#"{"team": [{"exists": false}], "metadata": [{"exists": false}]}"#, event))
  }

  @Test func `a payload of text is a string, a binary one is base64`() throws {
    let text = EventView(data: .text("exact text"))
    #expect(try Filter(pattern: #"{"data": ["exact text"]}"#).evaluate(text) == .match)
    #expect(try Filter(pattern: #"{"data": {"x": ["exact text"]}}"#).evaluate(text) == .noMatch)
    let payloads: [([UInt8], String)] = [
      ([], ""), ([0], "AA=="), ([255, 254], "//4="), ([1, 2, 3], "AQID"),
    ]
    for (bytes, base64) in payloads {
      let binary = EventView(data: .binary(bytes))
      let filter = try Filter(pattern: #"{"data_base64": ["\#(base64)"]}"#)
      #expect(filter.evaluate(binary) == .match)
      #expect(filter.evaluate(text) == .noMatch)
      #expect(
        try Filter(pattern: #"{"data": [{"exists": false}]}"#).evaluate(binary) == .match)
    }
    let none = try Filter(
      pattern: #"{"data": [{"exists": false}], "data_base64": [{"exists": false}]}"#)
    #expect(none.evaluate(EventView()) == .match)
    #expect(none.evaluate(text) == .noMatch)
  }

  @Test func `a payload can be any JSON`() throws {
    #expect(try matches(#"{"data": [5]}"#, #"{"data": 5}"#))
    #expect(try matches(#"{"data": [5]}"#, #"{"data": [4, [5]]}"#))
    #expect(try matches(#"{"data": {"x": [1]}}"#, #"{"data": [{"x": 0}, {"x": 1}]}"#))
  }

  // MARK: Arrays

  @Test func `the members of an object match within one element`() throws {
    let pattern = #"{"data": {"items": {"sku": ["a"], "count": [2]}}}"#
    let apart = #"{"data": {"items": [{"sku": "a", "count": 1}, {"sku": "b", "count": 2}]}}"#
    let together = #"{"data": {"items": [{"sku": "b"}, [{"sku": "a", "count": 2}]]}}"#
    #expect(try !matches(pattern, apart))
    #expect(try matches(pattern, together))
  }

  @Test func `elements in each other are consistent at each level`() throws {
    let pattern = #"{"data": {"a": {"n": [1], "b": {"x": [1], "y": [2]}}}}"#
    #expect(
      try matches(pattern, #"{"data":{"a":[{"n":2},{"n":1,"b":[{"x":1},{"x":1,"y":2}]}]}}"#))
    #expect(
      try !matches(pattern, #"{"data":{"a":[{"n":1,"b":[{"x":1},{"y":2}]},{"b":{"x":1,"y":2}}]}}"#))
  }

  @Test func `branches of an or find their own elements`() throws {
    let pattern = #"""
      {"data": {"items": {"sku": ["a"]}, "$or": [{"items": {"count": [2]}}, {"all": [true]}]}}
      """#
    let apart = #"{"data": {"items": [{"sku": "a"}, {"count": 2}]}}"#
    #expect(try matches(pattern, apart))
    let within = #"{"data": {"items": {"sku": ["a"], "$or": [{"count": [2]}, {"x": [1]}]}}}"#
    #expect(try !matches(within, apart))
    #expect(try matches(within, #"{"data": {"items": [{"count": 2}, {"sku": "a", "x": 1}]}}"#))
  }

  @Test func `absence alone is of every element, with others of theirs`() throws {
    let alone = #"{"data": {"items": {"gift": [{"exists": false}]}}}"#
    #expect(try matches(alone, #"{"data": {"items": [{"sku": 1}, {"sku": 2}]}}"#))
    #expect(try !matches(alone, #"{"data": {"items": [{"sku": 1}, {"gift": 1}]}}"#))
    for nothing in ["[]", "{}", "1", "[1, []]", "null"] {
      #expect(try matches(alone, "{\"data\": {\"items\": \(nothing)}}"))
    }
    #expect(try matches(alone, "{}"))
    let both = #"{"data": {"items": {"sku": [1], "gift": [{"exists": false}]}}}"#
    #expect(try matches(both, #"{"data": {"items": [{"sku": 1}, {"gift": 1}]}}"#))
    #expect(try !matches(both, #"{"data": {"items": [{"sku": 1, "gift": 1}, {"sku": 2}]}}"#))
    #expect(try !matches(both, #"{"data": {"items": []}}"#))
  }

  // MARK: Or

  @Test func `one branch of an or is enough, beside all other members`() throws {
    let pattern = #"""
      {"source": ["s"], "$or": [
        {"data": {"name": ["cpu"]}},
        {"data": {"kind": [1]}, "type": ["t"], "$or": [{"x": ["1"]}, {"y": ["2"]}]}
      ]}
      """#
    #expect(try matches(pattern, #"{"source":"s","data":{"name":"cpu"}}"#))
    #expect(try matches(pattern, #"{"source":"s","type":"t","y":"2","data":{"kind":1}}"#))
    #expect(try !matches(pattern, #"{"source":"s","type":"t","y":"1","data":{"kind":1}}"#))
    #expect(try !matches(pattern, #"{"source":"r","data":{"name":"cpu"}}"#))
  }

  @Test func `operators' names are names of members elsewhere`() throws {
    #expect(try matches(#"{"data": {"prefix": ["a"]}}"#, #"{"data": {"prefix": "a"}}"#))
    #expect(try matches(#"{"$and": ["a"]}"#, #"{"$and": "a"}"#))
  }

  @Test func `a pattern knows whether it reads the payload`() throws {
    #expect(try !Filter(pattern: #"{"type": ["data"], "metadata": {"data": ["a"]}}"#).readsData)
    #expect(try Filter(pattern: #"{"data": ["a"]}"#).readsData)
    #expect(try Filter(pattern: #"{"data_base64": [{"exists": false}]}"#).readsData)
    #expect(try Filter(pattern: #"{"$or": [{"$or": [{"data": {"a": [1]}}]}]}"#).readsData)
    #expect(try !Filter(pattern: #"{"$or": [{"x": {"data": [1]}}]}"#).readsData)
  }
}
