import ArgumentParser
import EventCore
import EventGateway
import Messages

struct SubscriptionCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "subscription", abstract: "Subscribes functions to events.",
    subcommands: [Create.self, Get.self, List.self, Update.self, Delete.self])

  /// The delivery policy and metadata, which create and update have in common.
  struct Fields: ParsableArguments {
    @Option(help: ArgumentHelp("How often it is tried.", valueName: "n"))
    var maxAttempts: Int32?

    @Option(help: ArgumentHelp("How long one attempt may take.", valueName: "seconds"))
    var attemptTimeout: Double?

    @Option(help: ArgumentHelp("The wait before the first retry.", valueName: "seconds"))
    var initialBackoff: Double?

    @Option(help: ArgumentHelp("Your own data; may be repeated.", valueName: "key=value"))
    var metadata: [Pair] = []

    func validate() throws {
      // `Duration` traps on what is no number; the gateway says what it takes.
      for seconds in [attemptTimeout, initialBackoff].compactMap({ $0 })
      where !(seconds > 0 && seconds < 1_000_000_000) {
        throw ValidationError("\(seconds) is not a number of seconds above 0")
      }
    }

    func apply(to subscription: inout Subscription) {
      if let maxAttempts { subscription.delivery.maxAttempts = maxAttempts }
      if let attemptTimeout { subscription.delivery.attemptTimeout = .seconds(attemptTimeout) }
      if let initialBackoff { subscription.delivery.initialBackoff = .seconds(initialBackoff) }
      if !metadata.isEmpty { subscription.metadata = metadata.dictionary }
    }

    var changesDelivery: Bool {
      maxAttempts != nil || attemptTimeout != nil || initialBackoff != nil
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
            Column("FUNCTION", "functionId"), Column("MANAGED", "managed"),
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
        var mask = FieldMask()
        if let function {
          request.subscription.functionID = function
          mask.paths.append("function_id")
        }
        if fields.changesDelivery { mask.paths.append("delivery") }
        if !fields.metadata.isEmpty { mask.paths.append("metadata") }
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
