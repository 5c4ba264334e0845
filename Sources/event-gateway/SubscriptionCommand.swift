import ArgumentParser
import EventCore
import EventGateway
import Messages

struct SubscriptionCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "subscription", abstract: "Subscribes functions to events.",
    subcommands: [
      Create.self, Get.self, List.self, Update.self, Pause.self, Resume.self, Delete.self,
    ])

  /// The fields that create and update have in common.
  struct Fields: ParsableArguments {
    @Option(help: ArgumentHelp("The group it belongs to; '' for none.", valueName: "id"))
    var group: String?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp("Its place in the group's sequence.", valueName: "n"))
    var order: Int32?

    @Option(
      help: ArgumentHelp("Its share in a group that runs one of its members.", valueName: "n"))
    var weight: Int32?

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp(
        "Higher ones of a function's subscriptions go first, -100 to 100.", valueName: "n"))
    var priority: Int32?

    @OptionGroup var filter: FilterOptions

    @Option(
      help: ArgumentHelp(
        "JSON text with placeholders for what the function gets; '' for the payload as it is.",
        valueName: "template"))
    var transform: String?

    @OptionGroup var delivery: DeliveryOptions

    @Option(help: ArgumentHelp("Your own data; may be repeated.", valueName: "key=value"))
    var metadata: [Pair] = []

    func apply(to subscription: inout Subscription) {
      if let group { subscription.groupID = group }
      // Outside of a group they mean nothing, and are refused.
      if group == "" { (subscription.order, subscription.weight) = (0, 1) }
      if let order { subscription.order = order }
      if let weight { subscription.weight = weight }
      if let priority { subscription.priority = priority }
      if filter.isGiven { subscription.filter = filter.filter }
      if let transform { subscription.transform = transform.isEmpty ? nil : .init(transform) }
      delivery.apply(to: &subscription.delivery)
      if !metadata.isEmpty { subscription.metadata = metadata.dictionary }
    }

    var mask: FieldMask {
      var mask = FieldMask()
      if group != nil { mask.paths.append("group") }
      if order != nil || group == "" { mask.paths.append("order") }
      if weight != nil || group == "" { mask.paths.append("weight") }
      if priority != nil { mask.paths.append("priority") }
      if filter.isGiven { mask.paths.append("filter") }
      if transform != nil { mask.paths.append("transform") }
      if delivery.isGiven { mask.paths.append("delivery") }
      if !metadata.isEmpty { mask.paths.append("metadata") }
      return mask
    }
  }

  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Subscribes a function to an event or a pattern of names.")
    @Option(help: "The event's name, or a pattern such as 'order.*'.") var event: String
    @Option(help: ArgumentHelp("The function to run.", valueName: "id")) var function: String
    @Option(help: "The subscription's id; one is made up if it is missing.") var id: String?
    @OptionGroup var fields: Fields
    @OptionGroup var options: GatewayOptions

    func run() async throws {
      var request = CreateSubscriptionRequest()
      request.subscription.subscriptionID = id ?? ""
      request.subscription.event = event
      request.subscription.functionID = function
      fields.apply(to: &request.subscription)
      try await options.run { client in
        let subscription = try await client.call(
          "SubscriptionService/CreateSubscription", request, as: Subscription.self)
        options.report("created subscription \(subscription.subscriptionID)", subscription)
      }
    }
  }

  struct Get: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Shows a subscription.")
    @Argument(help: "The subscription's id.") var id: String
    @OptionGroup var options: GatewayOptions

    func run() async throws {
      try await options.run { client in options.show(try await subscription(id, client)) }
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lists subscriptions.")
    @Option(help: ArgumentHelp("Only those of this event.", valueName: "name")) var event: String?
    @Option(help: ArgumentHelp("Only those of this function.", valueName: "id"))
    var function: String?
    @OptionGroup var options: GatewayOptions

    func run() async throws {
      try await options.run { client in
        let subscriptions = try await pages { token, size in
          var request = ListSubscriptionsRequest()
          (request.page.token, request.page.size) = (token, size)
          request.event = event ?? ""
          request.functionID = function ?? ""
          let page = try await client.call(
            "SubscriptionService/ListSubscriptions", request, as: ListSubscriptionsResponse.self)
          return (page.subscriptions, page.nextPageToken)
        }
        options.show(
          subscriptions,
          columns: [
            Column("SUBSCRIPTION", "subscriptionId"), Column("EVENT", "event"),
            Column("FUNCTION", "functionId"), Column("GROUP", "group"),
            Column("PRIORITY", "priority"),
            Column("STATE", "state"), Column("MANAGED", "managed"),
          ])
      }
    }
  }

  struct Update: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Changes a subscription: the fields that are given.")
    @Argument(help: "The subscription's id.") var id: String
    @Option(help: ArgumentHelp("The function to run.", valueName: "id")) var function: String?
    @OptionGroup var fields: Fields
    @OptionGroup var options: GatewayOptions

    func run() async throws {
      try await options.run { client in
        var request = UpdateSubscriptionRequest()
        // Read first: the delivery policy is one field, of which only a part may be given.
        request.subscription = try await subscription(id, client)
        fields.apply(to: &request.subscription)
        var mask = fields.mask
        if let function {
          request.subscription.functionID = function
          mask.paths.append("function_id")
        }
        try mask.checkNamesSomething()
        request.updateMask = mask
        let subscription = try await client.call(
          "SubscriptionService/UpdateSubscription", request, as: Subscription.self)
        options.report("updated subscription \(subscription.subscriptionID)", subscription)
      }
    }
  }

  struct Delete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Deletes a subscription.")
    @Argument(help: "The subscription's id.") var id: String
    @OptionGroup var options: GatewayOptions

    func run() async throws {
      var request = DeleteSubscriptionRequest()
      request.subscriptionID = id
      try await options.run { client in
        let done = try await client.call(
          "SubscriptionService/DeleteSubscription", request, as: Empty.self)
        options.report("deleted subscription \(id)", done)
      }
    }
  }
}

private func subscription(_ id: String, _ client: GatewayClient) async throws -> Subscription {
  var request = GetSubscriptionRequest()
  request.subscriptionID = id
  return try await client.call("SubscriptionService/GetSubscription", request)
}
