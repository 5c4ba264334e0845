import Expressions
import JSON
import Synchronization
import TestSupport
import Testing

@Suite struct PatternLimitTests {
  private static func event(data: String) throws -> EventView {
    EventView(data: .json(try JSONDocument(data)))
  }

  @Test func `what takes too many steps is an error`() throws {
    // Each of 250 branches looks at each of 20,000 elements, in some steps.
    let branches = Array(repeating: #"{"x": ["a"]}"#, count: 250).joined(separator: ",")
    let filter = try Filter(pattern: "{\"data\": {\"$or\": [\(branches)]}}")
    let items = Array(repeating: #"{"x": "b"}"#, count: 20_000).joined(separator: ",")
    let event = try Self.event(data: "[\(items)]")
    guard case .error(let problem) = filter.evaluate(event) else {
      Issue.record("it ended")
      return
    }
    #expect(problem.contains("1048576 steps"))
    #expect(filter.explain(event).result == .error(problem))
    let few = try Self.event(data: "[\(items.prefix(11 * 500 - 1))]")
    #expect(filter.evaluate(few) == .noMatch)
  }

  @Test func `absence in every element is not taken for granted when steps run out`() throws {
    let filter = try Filter(pattern: #"{"data": {"a": [{"exists": false}]}}"#)
    let items = Array(repeating: "1", count: 2 << 20).joined(separator: ",")
    guard case .error = filter.evaluate(try Self.event(data: "[\(items)]")) else {
      Issue.record("it ended")
      return
    }
  }

  @Test func `a wildcard takes time as the text is long`() throws {
    // By trying each place this would be 2 billion comparisons.
    let piece = String(repeating: "a", count: 8_000)
    let filter = try Filter(pattern: "{\"data\": [{\"wildcard\": \"*\(piece)b*\"}]}")
    let text = String(repeating: "a", count: 256 << 10)
    let duration = ContinuousClock().measure {
      #expect(filter.evaluate(EventView(data: .text(text))) == .noMatch)
      #expect(filter.evaluate(EventView(data: .text(text + "b"))) == .match)
    }
    #expect(duration < .seconds(5))
  }

  @Test func `long texts and numbers use up steps`() throws {
    let wildcards = (0..<200).map { "{\"wildcard\": \"*\($0)b*\"}" }.joined(separator: ",")
    let filter = try Filter(pattern: "{\"data\": [\(wildcards)]}")
    for data in [EventView.Content.text(String(repeating: "a", count: 64 << 10))] {
      guard case .error = filter.evaluate(EventView(data: data)) else {
        Issue.record("it ended")
        return
      }
    }
    let numbers = (0..<200).map { "{\"numeric\": [\">\", 1e\($0)]}" }.joined(separator: ",")
    let numeric = try Filter(pattern: "{\"data\": [\(numbers)]}")
    let number = try Self.event(data: "-" + String(repeating: "9", count: 64 << 10))
    guard case .error = numeric.evaluate(number) else {
      Issue.record("it ended")
      return
    }
  }

  @Test func `the deepest pattern and payload fit a small stack`() {
    let results = Mutex<[FilterResult]>([])
    onSmallStack {
      let depth = ExpressionLimits.depthMax - 1
      let pattern =
        "{\"data\":" + String(repeating: "{\"$or\":[{\"a\":", count: depth / 2) + "[1]"
        + String(repeating: "}]}", count: depth / 2) + "}"
      // Each object of the pattern meets nested arrays, as many as there may be.
      let objects = depth / 2
      let arrays = JSONLimits().depthMax - objects
      let data =
        String(repeating: "[", count: arrays) + String(repeating: "{\"a\":", count: objects) + "1"
        + String(repeating: "}", count: objects) + String(repeating: "]", count: arrays)
      for value in [data, data.replacing("1", with: "2")] {
        let event = EventView(data: .json(try! JSONDocument(value)))
        let filter = try! Filter(pattern: pattern)
        _ = filter.anchors
        results.withLock {
          $0.append(filter.evaluate(event))
          $0.append(filter.explain(event).result)
        }
      }
    }
    #expect(results.withLock { $0 } == [.match, .match, .noMatch, .noMatch])
  }
}
