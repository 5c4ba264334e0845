import EventCore
import Messages
import Testing

@testable import event_gateway

@Suite struct ExplainCommandTests {
  private func subscription(
    _ id: String, _ outcome: SubscriptionExplanation.Outcome,
    _ change: (inout SubscriptionExplanation) -> Void = { _ in }
  ) -> SubscriptionExplanation {
    var explanation = SubscriptionExplanation()
    (explanation.subscriptionID, explanation.functionID) = (id, "f")
    (explanation.event, explanation.outcome) = ("a.*", outcome)
    change(&explanation)
    return explanation
  }

  @Test func `an explanation is a tree with a branch for each subscription`() {
    var answer = ExplainTriggerResponse()
    answer.cloudEvent = #"{"type":"b"}"#
    answer.matchCount = 2
    answer.subscriptions = [
      subscription("all", .match),
      subscription("error", .filterError) {
        ($0.clause, $0.path, $0.error) = ("INT(x) > 1", "x", "there is no attribute x")
      },
      subscription("filtered", .filtered) {
        ($0.clause, $0.path, $0.seen) = (#"{"prefix":"eu-"}"#, "region", #""us""#)
      },
      subscription("other", .otherEvent),
      subscription("shaped", .match) {
        $0.data = Array("{\"n\":3,\n\"x\":\"\u{1B}\"}".utf8)
        $0.isPaused = true
      },
    ]
    #expect(
      answer.tree(of: "b").lines == [
        "b",
        #"├─ event {"type":"b"}"#,
        "└─ subscriptions: 2 of 5 match",
        "   ├─ ✓ all → f",
        "   ├─ ✗ error → f",
        "   │  ├─ stops at INT(x) > 1; x is not there",
        "   │  └─ can't be evaluated: there is no attribute x",
        "   ├─ ✗ filtered → f",
        #"   │  └─ fails at {"prefix":"eu-"}; region is "us""#,
        "   ├─ ✗ other → f",
        "   │  └─ subscribes to a.*",
        "   └─ ✓ shaped → f (paused: it is kept until that is over)",
        #"      └─ gets {"n":3, "x":"\u{1b}"}"#,
      ])
  }

  @Test func `a schema's violations and a group's turns are branches`() {
    var answer = ExplainTriggerResponse()
    var schema = SchemaExplanation()
    (schema.revision, schema.isRefused) = (4, true)
    var violation = PayloadViolation()
    violation.instanceLocation = "/total"
    violation.keywordLocation = "/properties/total/minimum"
    violation.description = "is -1; it must be at least 0"
    schema.violations = [violation]
    answer.schema = schema
    var group = GroupExplanation()
    (group.groupID, group.strategy) = ("g", .firstSuccess)
    (group.first, group.later) = (["x"], ["y", "z"])
    answer.groups = [group]
    #expect(
      answer.tree(of: "b").lines.dropFirst(2) == [
        "├─ schema revision 4 (enforce): ✗ violated, refused",
        "│  └─ /total is -1; it must be at least 0 (/properties/total/minimum)",
        "├─ subscriptions: 0 of 0 match",
        "└─ group g (first-success)",
        "   ├─ first: x",
        "   └─ then: y, z",
      ])
  }
}
