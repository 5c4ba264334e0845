import EventCore
import Testing

@testable import Messages

@Suite struct MessageTreeTests {
  @Test func `a message is proto3 JSON, without the fields at their default`() {
    var event = Event()
    event.event = "order.created"
    event.data = Array("{}".utf8)
    event.metadata = ["b": "2", "a": "1"]
    event.receivedAt = Timestamp(nanoseconds: 1_500_000_000)
    #expect(
      event.tree.json
        == #"{"event":"order.created","receivedAt":"1970-01-01T00:00:01.500Z","data":"e30=","#
        + #""metadata":{"a":"1","b":"2"},"retention":"604800s","deadLetterRetention":"2592000s"}"#)
  }

  @Test func `numbers of 64 bits are text, others are not`() {
    var chunk = OutputChunk()
    chunk.attempt = 2
    chunk.offset = 1 << 60
    #expect(chunk.tree.json == #"{"attempt":2,"offset":"1152921504606846976"}"#)
  }

  @Test func `a oneof shows the alternative that is set, even if it is empty`() {
    #expect(TriggerEventResponse(.keepAlive).tree.json == #"{"keepAlive":{}}"#)
    #expect(TriggerEventResponse().tree.json == "{}")
  }

  @Test func `enumerations show their names, lists and messages nest`() {
    var invocation = Invocation()
    invocation.state = .retrying
    invocation.attempts = [Attempt(), Attempt()]
    invocation.attempts[1].error = InvocationError(.timeout, code: "X", message: "y", isFinal: true)
    let tree = invocation.tree
    #expect(tree.value(at: ["state"])?.json == #""STATE_RETRYING""#)
    let error =
      #""error":{"errorClass":"ERROR_CLASS_TIMEOUT","code":"X","message":"y","final":true}"#
    #expect(tree.json.contains(error))
  }

  @Test func `text is escaped as JSON wants it`() {
    var line = LogLine()
    line.text = "\"\\\n\r\t\u{1}é😀"
    #expect(line.tree.value(at: ["text"])?.json == #""\"\\\n\r\t\u0001é😀""#)
  }

  @Test(arguments: [
    (Duration.seconds(3), "3s"), (.milliseconds(1_500), "1.5s"),
    (.nanoseconds(-1), "-0.000000001s"),
    (.zero, "0s"), (.milliseconds(-2_250), "-2.25s"),
  ])
  func `a duration is seconds with the digits it needs`(_ duration: Duration, _ text: String) {
    #expect(WireDuration(duration).text == text)
  }

  @Test func `bytes are shown to a person as text if they are text`() {
    #expect(MessageTree.bytes(Array("é".utf8)).plainText == "é")
    #expect(MessageTree.bytes([0xFF, 0xFE]).plainText == "(2 bytes that are not text)")
  }

  @Test func `a path to what is not set leads to nothing`() {
    #expect(Event().tree.value(at: ["metadata", "a"])?.json == nil)
    #expect(Function().tree.value(at: ["flow", "maxConcurrency"])?.json == "64")
  }
}
