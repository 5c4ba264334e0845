import ArgumentParser
import EventCore
import EventGateway
import Messages

struct GroupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "group",
    abstract: "Puts subscriptions to one event under one strategy.",
    discussion: "Subscriptions join with: subscription create --group ID",
    subcommands: [Create.self, Get.self, List.self, Update.self, Delete.self])

  /// The fields that create and update have in common.
  struct Fields: ParsableArguments {
    @Argument(help: "The group's id.") var id: String

    @Option(
      help: ArgumentHelp(
        "parallel, sequence, first-success or one-of.", valueName: "strategy"))
    var strategy: SubscriptionGroup.Strategy?

    @Option(
      help: ArgumentHelp(
        "What happens to the others when one fails: continue, stop, cancel-remaining or default.",
        valueName: "what"))
    var onFailure: FailureChoice?

    @Option(help: ArgumentHelp("Who must succeed: all or any.", valueName: "who"))
    var completion: SubscriptionGroup.Completion?

    @Option(help: ArgumentHelp("How many must succeed.", valueName: "n"))
    var quorum: Int32?

    @Option(
      name: .customLong("group-timeout"),
      help: ArgumentHelp("How long it may take in all.", valueName: "time"))
    var groupTimeout: Span?

    @Flag(inversion: .prefixedNo, help: "Each output is the next one's payload, in a sequence.")
    var pipeOutput: Bool?

    @Option(help: ArgumentHelp("Your own data; may be repeated.", valueName: "key=value"))
    var metadata: [Pair] = []

    func validate() throws {
      if quorum != nil, completion != nil, completion != .quorum {
        throw ValidationError("--quorum and --completion can't be given together")
      }
      if completion == .quorum, quorum == nil {
        throw ValidationError("--completion quorum needs --quorum")
      }
    }

    func apply(to group: inout SubscriptionGroup) {
      group.groupID = id
      if let strategy { group.strategy = strategy }
      if let onFailure { group.onFailure = onFailure.onFailure }
      if let completion { group.completion = completion }
      if let quorum { (group.completion, group.quorum) = (.quorum, quorum) }
      if let groupTimeout { group.timeout = groupTimeout.duration }
      if let pipeOutput { group.pipesOutput = pipeOutput }
      if !metadata.isEmpty { group.metadata = metadata.dictionary }
    }

    var mask: FieldMask {
      var mask = FieldMask()
      if strategy != nil { mask.paths.append("strategy") }
      if onFailure != nil { mask.paths.append("on_failure") }
      // One follows from the other.
      if completion != nil || quorum != nil { mask.paths += ["completion", "quorum"] }
      if groupTimeout != nil { mask.paths.append("timeout") }
      if pipeOutput != nil { mask.paths.append("pipe_output") }
      if !metadata.isEmpty { mask.paths.append("metadata") }
      return mask
    }
  }

  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Defines a group.")
    @OptionGroup var fields: Fields
    @Option(help: ArgumentHelp("The event of its subscriptions.", valueName: "name"))
    var event: String
    @OptionGroup var options: GatewayOptions

    func run() async throws {
      var request = CreateSubscriptionGroupRequest()
      fields.apply(to: &request.group)
      request.group.event = event
      try await options.run { client in
        let group = try await client.call(
          "SubscriptionService/CreateSubscriptionGroup", request, as: SubscriptionGroup.self)
        options.report("created group \(group.groupID)", group)
      }
    }
  }

  struct Get: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Shows a group.")
    @Argument(help: "The group's id.") var id: String
    @OptionGroup var options: GatewayOptions

    func run() async throws {
      var request = GetSubscriptionGroupRequest()
      request.groupID = id
      try await options.run { client in
        options.show(
          try await client.call(
            "SubscriptionService/GetSubscriptionGroup", request, as: SubscriptionGroup.self))
      }
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lists groups.")
    @Option(help: ArgumentHelp("Only those of this event.", valueName: "name")) var event: String?
    @OptionGroup var options: GatewayOptions

    func run() async throws {
      try await options.run { client in
        let groups = try await pages { token, size in
          var request = ListSubscriptionGroupsRequest()
          (request.page.token, request.page.size) = (token, size)
          request.event = event ?? ""
          let page = try await client.call(
            "SubscriptionService/ListSubscriptionGroups", request,
            as: ListSubscriptionGroupsResponse.self)
          return (page.groups, page.nextPageToken)
        }
        options.show(
          groups,
          columns: [
            Column("GROUP", "group"), Column("EVENT", "event"), Column("STRATEGY", "strategy"),
            Column("ON FAILURE", "onFailure"), Column("COMPLETION", "completion"),
          ])
      }
    }
  }

  struct Update: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Changes a group: the fields that are given.")
    @OptionGroup var fields: Fields
    @Flag(help: "It may take any time.") var clearGroupTimeout = false
    @OptionGroup var options: GatewayOptions

    func validate() throws {
      if clearGroupTimeout, fields.groupTimeout != nil {
        throw ValidationError("--clear-group-timeout and --group-timeout can't be given together")
      }
    }

    func run() async throws {
      var request = UpdateSubscriptionGroupRequest()
      fields.apply(to: &request.group)
      var mask = fields.mask
      if clearGroupTimeout { mask.paths.append("timeout") }
      try mask.checkNamesSomething()
      request.updateMask = mask
      try await options.run { client in
        let group = try await client.call(
          "SubscriptionService/UpdateSubscriptionGroup", request, as: SubscriptionGroup.self)
        options.report("updated group \(group.groupID)", group)
      }
    }
  }

  struct Delete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Deletes a group without members.")
    @Argument(help: "The group's id.") var id: String
    @OptionGroup var options: GatewayOptions

    func run() async throws {
      var request = DeleteSubscriptionGroupRequest()
      request.groupID = id
      try await options.run { client in
        let done = try await client.call(
          "SubscriptionService/DeleteSubscriptionGroup", request, as: Empty.self)
        options.report("deleted group \(id)", done)
      }
    }
  }
}
