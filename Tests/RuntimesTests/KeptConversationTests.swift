import EventCore
import Testing

@testable import Runtimes

struct KeptConversationTests {
  private let id = InvocationID(triggerID: UniqueID(high: 1, low: 2), ordinal: 3)
  private var answer: [UInt8] { Array("{\"id\":\"\(id)\"}\n".utf8) }

  @Test func `it answers one line with one line, over and over`() {
    var conversation = KeptConversation()
    for _ in 0..<3 {
      #expect(conversation.isIdle && conversation.takeAnswer() == nil)
      conversation.ask(id)
      #expect(!conversation.isIdle)
      #expect(conversation.receive(answer) == .answered)
      #expect(conversation.takeAnswer() != nil)
    }
    #expect(conversation.isIdle && conversation.fault == nil)
  }

  @Test func `a line may come in any pieces, and end in CR LF`() {
    var conversation = KeptConversation()
    conversation.ask(id)
    let line = answer.dropLast() + Array("\r\n".utf8)
    for byte in line.dropLast() { #expect(conversation.receive([byte]) == .goesOn) }
    #expect(conversation.receive([]) == .goesOn)
    #expect(conversation.receive([line.last!]) == .answered)
    #expect(conversation.fault == nil)
  }

  @Test(arguments: ["x", "\n", "{}\n"])
  func `what nobody asked for is a fault`(text: String) {
    var conversation = KeptConversation()
    #expect(conversation.receive(Array(text.utf8)) == .faulty)
    #expect(conversation.fault?.hasPrefix("wrote what nobody asked for: '") == true)
    #expect(!conversation.isIdle)
    #expect(conversation.receive(Array(text.utf8)) == .goesOn, "once")
  }

  @Test func `more than an answer is a fault, but the answer counts`() {
    var conversation = KeptConversation()
    conversation.ask(id)
    #expect(conversation.receive(answer + [0x0A]) == .answered)
    #expect(conversation.takeAnswer() != nil)
    #expect(conversation.fault == "wrote more than its answer" && !conversation.isIdle)
  }

  @Test func `another line is a fault`() {
    var conversation = KeptConversation()
    conversation.ask(id)
    #expect(conversation.receive(Array("hello\n".utf8)) == .faulty)
    #expect(conversation.fault?.contains("'hello'") == true)
    #expect(conversation.takeAnswer() == nil)
  }

  @Test func `a line has a largest size`() {
    let padding = RuntimeLimits.answerBytesMax - answer.dropLast().count
    let longest = [UInt8](repeating: 0x20, count: padding) + answer
    var conversation = KeptConversation()
    conversation.ask(id)
    #expect(conversation.receive(longest) == .answered)
    _ = conversation.takeAnswer()
    conversation.ask(id)
    #expect(conversation.receive([0x20] + longest) == .faulty)
    #expect(conversation.fault == "answered with a line longer than 2097152 bytes")
    var endless = KeptConversation()
    endless.ask(id)
    #expect(
      endless.receive([UInt8](repeating: 0x20, count: RuntimeLimits.answerBytesMax)) == .goesOn)
    #expect(endless.receive([0x20]) == .faulty)
  }
}
