import Expressions
import JSON
import Synchronization
import TestSupport
import Testing

@Suite struct TemplateTests {
  static let event = #"""
    {"id": "1", "type": "order.paid", "priority": 3, "urgent": true,
     "metadata": {"team": "eu \"1\"", "a/b": "slash", "m~n": "tilde"},
     "data": {"id": 7, "total": 12.50, "big": 12345678901234567890123, "text": "ä\n\"q\"\\",
       "none": null, "list": [1, {"x": "y"}, []], "": "empty", "0": "zero"}}
    """#

  private func render(_ template: String, _ event: EventView? = nil) throws -> String? {
    let event = try event ?? EventView(event: Self.event)
    let json = try Template(template).render(event, bytesMax: 10_000)
    return json.map { String(decoding: $0, as: UTF8.self) }
  }

  static let rendered: [(String, String)] = [
    (#" { "a" : [ 1.0 , true , null , "x" ] } "#, #"{"a":[1.0,true,null,"x"]}"#),
    (#""${/type}""#, #""order.paid""#),
    (#"["${/priority}", "${/urgent}"]"#, "[3,true]"),
    (#""p${/priority} u${/urgent}""#, #""p3 utrue""#),
    (#"{"t": "${/data/total}", "b": "${/data/big}"}"#, #"{"t":12.50,"b":12345678901234567890123}"#),
    (#""${/data/text}""#, #""ä\n\"q\"\\""#),
    (#""<${/data/text}>""#, #""<ä\n\"q\"\\>""#),
    (#""${/data/list}""#, #"[1,{"x":"y"},[]]"#),
    (#""<${/data/list}>""#, #""<[1,{\"x\":\"y\"},[]]>""#),
    (
      #"["${/data/list/0}", "${/data/list/1/x}", "${/data/list/3}", "${/data/list/01}"]"#,
      #"[1,"y",null,null]"#
    ),
    (
      #"["${/data/none}", "${/data/nothing}", "${/nothing}", "${/type/x}"]"#,
      "[null,null,null,null]"
    ),
    (#""<${/data/none}|${/data/nothing}>""#, #""<null|>""#),
    (#"["${/data/}", "${/data/0}"]"#, #"["empty","zero"]"#),
    (
      #"["${/metadata/team}", "${/metadata/a~1b}", "${/metadata/m~0n}", "${/metadata/x}"]"#,
      #"["eu \"1\"","slash","tilde",null]"#
    ),
    (#""<${/metadata}>""#, #""<{\"a/b\":\"slash\",\"m~n\":\"tilde\",\"team\":\"eu \\\"1\\\"\"}>""#),
    (#""$${/type} $ $$ {} $x ${/id}${/type}""#, #""${/type} $ $$ {} $x 1order.paid""#),
    (#""$$$${/type}""#, #""$$${/type}""#),
    (#""\u0024\u007b/id}""#, #""1""#),
    (#"{"$${": "\u0001\n\u00e9"}"#, "{\"${\":\"\\u0001\\né\"}"),
    (#""${/data_base64}""#, "null"),
  ]

  @Test(arguments: rendered)
  func `placeholders become what the event has`(_ template: String, _ result: String) throws {
    // Escapes may be written in several ways.
    let (one, other) = (
      try JSONDocument(try #require(try render(template))), try JSONDocument(result)
    )
    defer { withExtendedLifetime((one, other)) {} }
    #expect(one.root.json == other.root.json)
  }

  @Test func `the result is compact`() throws {
    #expect(
      try render(#" { "a" : [ 1.0 , "${/id}" , "x" ] , "b" : { } } "#)
        == #"{"a":[1.0,"1","x"],"b":{}}"#)
  }

  @Test func `the whole event and the whole payload`() throws {
    let event = try EventView(
      event: #"{"id": "1", "n": -2, "b": false, "metadata": {"z": "1", "a": "2"}, "data": [1, {}]}"#
    )
    #expect(try render(#""${/data}""#, event) == "[1,{}]")
    #expect(
      try render(#""${}""#, event)
        == #"{"id":"1","n":-2,"b":false,"metadata":{"a":"2","z":"1"},"data":[1,{}]}"#)
    #expect(try render(#""${}""#, EventView()) == #"{"metadata":{}}"#)
  }

  @Test func `payloads that are no JSON`() throws {
    let text = EventView(data: .text("a\"b"))
    #expect(
      try render(#"["${/data}", "<${/data}>", "${/data/0}"]"#, text) == #"["a\"b","<a\"b>",null]"#)
    #expect(try render(#""${}""#, text) == #"{"metadata":{},"data":"a\"b"}"#)
    let bytes = [UInt8](0..<255) + (0..<255) + (0..<255) + (0..<255)
    let binary = EventView(data: .binary(bytes))
    let base64 = try #require(try render(#""${/data_base64}""#, binary))
    #expect(base64.utf8.count == 1_360 + 2 && base64.hasPrefix(#""AAECAwQF"#))
    #expect(try render(#""<${/data_base64}>""#, binary) == "\"<\(base64.dropFirst().dropLast())>\"")
    #expect(try render(#""${}""#, binary) == "{\"metadata\":{},\"data_base64\":\(base64)}")
    #expect(try render(#""${/data}""#, binary) == "null")
  }

  @Test func `names in the event's JSON are unique`() throws {
    let event = EventView(
      attributes: [
        ("id", .string("1")), ("data", .string("x")), ("metadata", .string("x")),
        ("id", .string("2")), ("data_base64", .string("x")),
      ])
    #expect(try render(#""${}""#, event) == #"{"id":"1","metadata":{}}"#)
    #expect(try render(#"["${/id}", "${/data}", "${/metadata}"]"#, event) == #"["1",null,{}]"#)
  }

  @Test func `a template knows whether it reads the payload`() throws {
    for text in [#""${}""#, #""x${/data}""#, #"[["${/data/a}"]]"#, #"{"a": "${/data_base64}"}"#] {
      #expect(try Template(text).readsData, "\(text)")
    }
    for text in ["1", #""${/type}""#, #""${/metadata/data}""#, #""$${/data}""#, #""${/datas}""#] {
      #expect(try !Template(text).readsData, "\(text)")
    }
  }

  // MARK: Errors

  static let wrong: [(String, Int, Int, String)] = [
    ("", 1, 1, "value"),
    ("${/type}", 1, 1, "expected a value"),
    ("{\"a\": 1,\n \"a\": 2}", 2, 2, "twice"),
    (#"["x", "ab${/type"]"#, 1, 10, "no '}'"),
    (#""${""#, 1, 2, "no '}'"),
    (#""é\n\u00e9\ud83d\ude00${""#, 1, 23, "no '}'"),
    (#""${type}""#, 1, 4, "JSON pointer"),
    (#""${ /type}""#, 1, 4, "JSON pointer"),
    (#""${/a~2}""#, 1, 4, "JSON pointer"),
    (#"{"${/type}": 1}"#, 1, 14, "name takes no placeholders"),
    (#"{"a${": 1}"#, 1, 9, "name takes no placeholders"),
    (#"["${/type}",]"#, 1, 13, "value"),
  ]

  @Test(arguments: wrong)
  func `what is wrong with a template is said with its place`(
    _ text: String, _ line: Int, _ column: Int, _ problem: String
  ) throws {
    let error = #expect(throws: ExpressionError.self) { try Template(text) }
    #expect(error?.line == line && error?.column == column, "\(error!)")
    #expect(error?.problem.contains(problem) == true, "\(error!)")
  }

  // MARK: Limits

  @Test func `a template has so many placeholders and no more`() throws {
    func template(_ count: Int) -> String { "\"" + String(repeating: "${/a}", count: count) + "\"" }
    _ = try Template(template(ExpressionLimits.placeholdersMax))
    let error = #expect(throws: ExpressionError.self) {
      try Template(template(ExpressionLimits.placeholdersMax + 1))
    }
    #expect(error?.problem == "has more than 1000 placeholders")
    #expect(error?.column == 5_002)
  }

  @Test func `a template is so long and no longer`() throws {
    func template(_ count: Int) -> String { "\"" + String(repeating: "x", count: count - 2) + "\"" }
    _ = try Template(template(ExpressionLimits.textBytesMax))
    #expect(throws: ExpressionError.self) {
      try Template(template(ExpressionLimits.textBytesMax + 1))
    }
  }

  @Test func `a result is so long and no longer`() throws {
    let event = try EventView(event: Self.event)
    for text in rendered.map(\.0) + [#"["${}", "<${}>"]"#] {
      let template = try Template(text)
      let whole = try #require(template.render(event, bytesMax: 10_000))
      #expect(template.render(event, bytesMax: whole.count) == whole)
      for bytesMax in 0..<whole.count {
        #expect(template.render(event, bytesMax: bytesMax) == nil)
      }
    }
  }

  private var rendered: [(String, String)] { Self.rendered }

  @Test func `looking far into arrays is bounded`() throws {
    let items = Array(repeating: "1", count: 1 << 20).joined(separator: ",")
    let event = EventView(data: .json(try JSONDocument("[\(items)]")))
    let once = try Template("\"${/data/1048575}\"")
    #expect(once.render(event, bytesMax: 10) == [UInt8(ascii: "1")])
    let often = Array(repeating: "\"${/data/1048575}\"", count: 100).joined(separator: ",")
    #expect(try Template("[\(often)]").render(event, bytesMax: 1_000) == nil)
  }

  @Test func `the deepest template and payload fit a small stack`() {
    let isRight = Mutex(false)
    onSmallStack {
      let depth = JSONLimits().depthMax
      let before = String(repeating: "[", count: depth)
      let after = String(repeating: "]", count: depth)
      let template = try! Template(before + "\"${}\",\"<${/data}>\"" + after)
      let event = EventView(data: .json(try! JSONDocument(before + after)))
      let result = template.render(event, bytesMax: 1 << 20)
      let rest = "{'metadata':{},'data':},'<>'"
      isRight.withLock { $0 = result?.count == 6 * depth + rest.utf8.count }
    }
    #expect(isRight.withLock { $0 })
  }
}
