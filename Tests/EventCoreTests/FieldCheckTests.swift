import EventCore
import Testing

@Suite struct FieldCheckTests {
  @Test func `metadata has a largest number of entries`() {
    func pairs(_ count: Int) -> [String: String] {
      Dictionary(uniqueKeysWithValues: (0..<count).map { ("k\($0)", "") })
    }
    #expect(problems { $0.metadata(pairs(64), "m") }.isEmpty)
    #expect(
      problems { $0.metadata(pairs(65), "m") } == ["m has 65 entries; at most 64 are allowed"])
  }

  @Test func `metadata keys and values have largest sizes`() {
    #expect(problems { $0.metadata([text(128): text(1_024)], "m") }.isEmpty)
    #expect(problems { $0.metadata([text(129): ""], "m") }.count == 1)
    #expect(problems { $0.metadata(["k": text(1_025)], "m") }.count == 1)
    #expect(problems { $0.metadata(["": "v"], "m") } == ["m has an empty key"])
    #expect(problems { $0.metadata(["a\u{1}": "v"], "m") }.count == 1)
    #expect(problems { $0.metadata(["a": "line\nline"], "m") }.isEmpty)
  }

  @Test func `metadata has a largest size in all`() {
    func pairs(last: Int) -> [String: String] {
      var pairs = Dictionary(uniqueKeysWithValues: (10..<25).map { ("k\($0)", text(1_021)) })
      pairs["last"] = text(last)
      return pairs
    }
    // 15 × (3 + 1,021) + 4 + 1,020 = 16,384.
    #expect(problems { $0.metadata(pairs(last: 1_020), "m") }.isEmpty)
    #expect(
      problems { $0.metadata(pairs(last: 1_021), "m") }
        == ["m is 16385 bytes; at most 16384 are allowed"])
  }

  @Test(arguments: [
    "application/json", "text/plain; charset=utf-8", "a/b", "image/svg+xml", "a/b;p=\"x/y\"", "",
  ])
  func `a MIME type is taken`(_ type: String) {
    #expect(problems { $0.dataType(type, "t") }.isEmpty)
  }

  @Test(arguments: ["json", "/json", "a/", "a/b/c", "a b/c", "a/b\n", "ä/b", ";a/b", "a/b\u{0}"])
  func `what is no MIME type is refused`(_ type: String) {
    #expect(!problems { $0.dataType(type, "t") }.isEmpty)
  }

  @Test func `a trigger's fields have largest sizes`() {
    func wrong(_ change: (inout Trigger) -> Void) -> [String] {
      var trigger = Trigger()
      trigger.event = "e"
      change(&trigger)
      return trigger.check().violations.map(\.field)
    }
    #expect(wrong { _ in } == [])
    #expect(wrong { $0.payload.data = bytes(1 << 20) } == [])
    #expect(wrong { $0.payload.data = bytes(1 << 20 + 1) } == ["data"])
    #expect(wrong { $0.payload.dataType = "a/" + text(126) } == [])
    #expect(wrong { $0.payload.dataType = "a/" + text(127) } == ["data_type"])
    #expect(wrong { $0.source = text(512) } == [])
    #expect(wrong { $0.source = text(513) } == ["source"])
    #expect(wrong { $0.source = "a\u{7F}" } == ["source"])
    #expect(wrong { $0.requestID = text(128) } == [])
    #expect(wrong { $0.requestID = text(129) } == ["request_id"])
    #expect(wrong { $0.event = "order.*" } == ["event"])
  }

  @Test func `an event's fields have largest sizes`() {
    var event = Event()
    event.event = "e"
    event.data = bytes(64 << 10)
    #expect(event.check("event").violations.isEmpty)
    event.data.append(0)
    event.functionID = "F"
    #expect(event.check("event").violations.map(\.field) == ["event.function_id", "event.data"])
  }

  @Test func `a function needs a target that is in order`() {
    var function = Function()
    function.functionID = "f"
    #expect(function.wrong == ["function.target"])
    var http = HTTPTarget()
    http.url = "ftp://x"
    function.target = .http(http)
    #expect(function.wrong == ["function.http.url"])
    http.url = "http://" + text(Limits.urlBytesMax - 7)
    function.target = .http(http)
    #expect(function.wrong == [])
    http.url += "x"
    function.target = .http(http)
    #expect(function.wrong == ["function.http.url"])
    http.url = "http://x/ y"
    function.target = .http(http)
    #expect(function.wrong == ["function.http.url"])
  }

  @Test(arguments: ["host", "content-type", "ce-id", "X-Upper", "", "a b", "transfer-encoding"])
  func `a header that the gateway sets or HTTP forbids is refused`(_ name: String) {
    var function = Function()
    function.functionID = "f"
    var http = HTTPTarget()
    http.url = "http://x"
    http.headers = ["authorization": "Bearer x"]
    function.target = .http(http)
    #expect(function.wrong == [])
    http.headers[name] = "v"
    function.target = .http(http)
    #expect(function.wrong.isEmpty == false)
  }

  @Test func `a command is an absolute path with bounded arguments`() {
    var function = Function()
    function.functionID = "f"
    var process = ProcessTarget()
    process.command = "/bin/true"
    process.arguments = Array(repeating: text(Limits.commandArgumentBytesMax), count: 64)
    function.target = .process(process)
    #expect(function.wrong == [])
    process.arguments.append("")
    function.target = .process(process)
    #expect(function.wrong == ["function.process.arguments"])
    process.arguments = [text(Limits.commandArgumentBytesMax + 1)]
    function.target = .process(process)
    #expect(function.wrong == ["function.process.arguments[0]"])
    process.arguments = []
    process.command = "true"
    process.environment = ["CE_ID": "x"]
    function.target = .process(process)
    #expect(
      function.wrong == ["function.process.command", "function.process.environment[CE_ID]"])
  }

  @Test func `a function's concurrency has a default and a largest value`() {
    var function = Function()
    function.functionID = "f"
    var http = HTTPTarget()
    http.url = "http://x"
    function.target = .http(http)
    #expect(function.flow.maxConcurrency == 64)
    function.flow.maxConcurrency = 1_000
    #expect(function.wrong == [])
    function.flow.maxConcurrency = 1_001
    #expect(function.wrong == ["function.flow.max_concurrency"])
    function.flow.maxConcurrency = -1
    #expect(function.wrong == ["function.flow.max_concurrency"])
  }

  @Test func `a client may not write managed subscriptions`() {
    var subscription = Subscription.to("order.**", id: "s")
    #expect(subscription.check("s").violations.isEmpty)
    subscription.subscriptionID = Subscription.managedID(for: "e")
    #expect(subscription.check("s").violations.map(\.field) == ["s.subscription_id"])
  }

  @Test func `an event with a function has a managed subscription`() {
    var event = Event()
    event.event = "e"
    #expect(event.managedSubscription == nil)
    event.functionID = "f"
    let managed = event.managedSubscription
    #expect(managed?.subscriptionID == "managed.e")
    #expect(managed?.isManaged == true)
    #expect(managed?.functionID == "f")
  }

  @Test func `finishing throws one error that lists everything`() {
    var check = FieldCheck()
    #expect(throws: Never.self) { try check.finish() }
    check.add("a", "is wrong")
    check.add("b", nil)
    check.add("c", "is too")
    let error = #expect(throws: GatewayError.self) { try check.finish() }
    #expect(error?.reason == .fieldInvalid)
    #expect(error?.message == "a is wrong (and 1 more)")
    #expect(error?.violations.map(\.field) == ["a", "c"])
  }

  private func problems(_ body: (inout FieldCheck) -> Void) -> [String] {
    var check = FieldCheck()
    body(&check)
    return check.violations.map { "\($0.field) \($0.problem)" }
  }

  private func text(_ count: Int) -> String { String(repeating: "x", count: count) }

  private func bytes(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }
}

extension Function {
  fileprivate var wrong: [String] { check("function").violations.map(\.field) }
}
