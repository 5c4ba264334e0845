import EventCore
import Matching
import Testing

@Suite struct CompiledFunctionTests {
  private func function(_ pointer: String = "", breaks: Bool = false) -> Function {
    var function = Function()
    function.functionID = "f"
    function.target = .worker(WorkerTarget())
    function.flow.concurrencyKey = pointer
    function.flow.maxConcurrencyPerKey = pointer.isEmpty ? 0 : 1
    if breaks {
      function.flow.circuitBreaker = CircuitBreaker()
      function.flow.circuitBreaker!.failureThreshold = 1
    }
    return function
  }

  private func trigger(_ data: String, key: String = "") -> Trigger {
    var trigger = Trigger()
    trigger.event = "e"
    trigger.payload = Payload(data: Array(data.utf8), dataType: "application/json")
    trigger.orderingKey = key
    return trigger
  }

  @Test func `a key is a value of the payload or an attribute`() {
    let data = CompiledFunction(function("/data/customer"))
    let ada = data.concurrencyKey(of: trigger(#"{"customer":"ada","n":1}"#))
    #expect(ada != nil)
    #expect(data.concurrencyKey(of: trigger(#"{"n":2,"customer":"ada"}"#)) == ada)
    #expect(data.concurrencyKey(of: trigger(#"{"customer":"bob"}"#)) != ada)
    #expect(data.concurrencyKey(of: trigger("{}")) == nil)
    #expect(data.concurrencyKey(of: trigger("no JSON")) == nil)
    let attribute = CompiledFunction(function("/partitionkey"))
    #expect(attribute.concurrencyKey(of: trigger("{}", key: "ada")) == ada)
    #expect(attribute.concurrencyKey(of: trigger("{}")) == nil)
    #expect(CompiledFunction(function()).concurrencyKey(of: trigger("{}")) == nil)
  }

  @Test(arguments: ["data", "data/id", "/a~2", "/~", "$.id", " "])
  func `a key that is no JSON pointer is refused by its field`(pointer: String) {
    let error = #expect(throws: GatewayError.self) {
      try function(pointer).checkConcurrencyKey("function")
    }
    #expect(error?.violations.map(\.field) == ["function.flow.concurrency_key"])
    // A store may have one from another version of the program.
    #expect(CompiledFunction(function(pointer)).concurrencyKey(of: trigger("{}")) == nil)
  }

  @Test func `what its gate knows outlives its changes, and not its deletion`() {
    let catalog = Catalog()
    let id = InvocationID(triggerID: UniqueID(high: 0, low: 1), ordinal: 0)
    func isOpen() -> Bool {
      catalog.compiledFunction("f", in: .default)?.gate { $0.circuit?.state } == .open
    }
    var function = function(breaks: true)
    catalog.apply(.put(.function(function), .default))
    catalog.compiledFunction("f", in: .default)!.gate { gate in
      _ = gate.began(id, at: .now())
      _ = gate.ended(id, .fails("x"), at: .now())
    }
    #expect(isOpen())
    function.metadata = ["a": "b"]
    catalog.apply(.put(.function(function), .default))
    #expect(catalog.function("f", in: .default)?.metadata == ["a": "b"])
    #expect(isOpen())
    catalog.apply(.deleted(function.definition, .default))
    catalog.apply(.put(.function(function), .default))
    #expect(!isOpen())
  }
}

extension Function {
  fileprivate var definition: Definition.Key { Definition.Key(.function, functionID) }
}
