import ArgumentParser
import EventCore
import Messages
import Testing

@testable import event_gateway

@Suite struct CommandTests {
  private func parsed<Command: ParsableCommand>(
    _ arguments: String..., as: Command.Type = Command.self
  ) throws -> Command {
    try #require(try EventGatewayCommand.parseAsRoot(arguments) as? Command)
  }

  @Test func `a subscription that leaves its group leaves its place in it`() throws {
    let update: SubscriptionCommand.Update = try parsed(
      "subscription", "update", "s", "--group", "")
    #expect(update.fields.mask.paths == ["group", "order", "weight"])
    var member = Subscription()
    (member.groupID, member.order, member.weight) = ("g", 3, 7)
    update.fields.apply(to: &member)
    #expect((member.groupID, member.order, member.weight) == ("", 0, 1))
  }

  @Test func `a filter and a transform are parts of a subscription`() throws {
    let update: SubscriptionCommand.Update = try parsed(
      "subscription", "update", "s", "--filter-sql", "type = 'a'", "--transform", "")
    #expect(update.fields.mask.paths == ["filter", "transform"])
    var subscription = Subscription()
    subscription.transform = PayloadTransform("{}")
    update.fields.apply(to: &subscription)
    #expect(subscription.filter == SubscriptionFilter(.sql, "type = 'a'"))
    #expect(subscription.transform == nil)
  }

  @Test func `a gRPC function has an address, and TLS if anything of it is given`() throws {
    let update: FunctionCommand.Update = try parsed(
      "function", "update", "f", "--grpc", "a:1,b:2", "--grpc-server-name", "c", "--grpc-metadata",
      "k=v")
    #expect(update.fields.mask.paths == ["grpc"])
    var function = Function()
    try update.fields.apply(to: &function)
    var target = GRPCTarget()
    (target.address, target.usesTLS, target.serverName) = ("a:1,b:2", true, "c")
    target.metadata = ["k": "v"]
    #expect(function.target == .grpc(target))
    for arguments in [["--grpc-tls"], ["--grpc", "a:1", "--worker"]] {
      #expect(throws: (any Error).self) {
        try EventGatewayCommand.parseAsRoot(["function", "update", "f"] + arguments)
      }
    }
  }

  @Test func `a priority may be below zero`() throws {
    let update: SubscriptionCommand.Update = try parsed(
      "subscription", "update", "s", "--priority", "-7")
    #expect(update.fields.mask.paths == ["priority"])
    var subscription = Subscription()
    update.fields.apply(to: &subscription)
    #expect(subscription.priority == -7)
  }

  @Test func `a quorum is a completion`() throws {
    let create: GroupCommand.Create = try parsed(
      "group", "create", "g", "--event", "e", "--strategy", "PARALLEL", "--quorum", "2")
    var group = SubscriptionGroup()
    create.fields.apply(to: &group)
    #expect((group.completion, group.quorum) == (.quorum, 2))
    #expect(create.fields.mask.paths == ["strategy", "completion", "quorum"])
  }

  @Test func `a function's flow control changes by the parts that are given`() throws {
    let update: FunctionCommand.Update = try parsed(
      "function", "update", "f", "--rate", "2.5", "--max-concurrency-per-key", "3",
      "--circuit-open", "1m")
    #expect(
      update.fields.mask.paths == [
        "flow.max_concurrency_per_key", "flow.rate_per_second", "flow.circuit_breaker",
      ])
    var function = Function()
    try update.fields.apply(to: &function)
    #expect((function.flow.ratePerSecond, function.flow.maxConcurrencyPerKey) == (2.5, 3))
    #expect(function.flow.circuitBreaker?.openDuration == .seconds(60))
    #expect(function.flow.circuitBreaker?.failureThreshold == 5)
  }

  @Test func `parts of a function's flow control are taken away together`() throws {
    let update: FunctionCommand.Update = try parsed(
      "function", "update", "f", "--rate", "0", "--concurrency-key", "", "--clear-circuit")
    #expect(
      update.fields.mask.paths == [
        "flow.concurrency_key", "flow.max_concurrency_per_key", "flow.rate_per_second",
        "flow.burst", "flow.circuit_breaker",
      ])
    var function = Function()
    try update.fields.apply(to: &function)
    #expect(function.flow == FlowControl())
  }

  @Test func `moments may start with a dash`() throws {
    let replay: ReplayCommand = try parsed("replay", "e", "--from", "-1h", "--to", "+1m")
    let range = try #require(replay.received.range)
    let (start, end) = (try #require(range.start), try #require(range.end))
    #expect(end - start >= .seconds(3_660))
  }

  @Test func `classes and codes of final errors add up`() throws {
    let create: SubscriptionCommand.Create = try parsed(
      "subscription", "create", "--event", "e", "--function", "f", "--final-code", "HTTP_404",
      "--final-code", "EXIT_2", "--final-class", "INPUT", "--final-class", "timeout")
    var subscription = Subscription()
    create.fields.apply(to: &subscription)
    #expect(subscription.delivery.finalCodes == ["HTTP_404", "EXIT_2"])
    #expect(subscription.delivery.finalClasses == [.input, .timeout])
  }

  @Test(arguments: [
    ["explain"], ["explain", "e", "--trigger", "t"], ["explain", "--trigger", "t", "--data", "1"],
    ["subscription", "update", "s", "--filter-sql", "TRUE", "--filter-json", "[]"],
    ["event", "create", "e", "--enforcement", "audit"],
    ["event", "create", "e", "--format-assertion"],
    ["event", "create", "e", "--compatibility", "forward", "--schema", "f"],
    ["event", "update", "e", "--clear-schema", "--schema", "f"],
    ["event", "update", "e", "--clear-schema", "--enforcement", "off"],
    ["event", "update", "e", "--schema", "-", "--data-file", "-"],
    ["event", "validate"], ["event", "validate", "e", "--format-assertion"],
    ["event", "validate", "e", "--metadata", "a=b"], ["event", "schema", "e", "--revision", "0"],
    ["watch"], ["watch", "t", "--invocations"], ["watch", "t", "--event", "e"],
    ["emit", "e", "--stdin", "--data", "{}"], ["emit", "e", "-", "--stdin"],
    ["group", "create", "g", "--event", "e", "--completion", "quorum"],
    ["group", "create", "g", "--event", "e", "--completion", "all", "--quorum", "1"],
    ["group", "update", "g", "--group-timeout", "1m", "--clear-group-timeout"],
    ["serve", "--backlog-max", "0"], ["serve", "--backlog-per-function-max", "-1"],
    ["serve", "--backlog-per-organization-max", "0"],
    ["function", "update", "f", "--rate", "nan"], ["function", "update", "f", "--rate", "inf"],
    ["function", "update", "f", "--clear-circuit", "--circuit-failures", "1"],
    ["subscription", "update", "s", "--jitter", "nan"], ["redrive", "--from", "yesterday"],
  ])
  func `arguments that make no sense are refused before a call`(arguments: [String]) {
    #expect(throws: (any Error).self) { try EventGatewayCommand.parseAsRoot(arguments) }
  }
}
