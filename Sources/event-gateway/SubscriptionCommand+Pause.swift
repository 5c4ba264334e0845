import ArgumentParser
import EventCore
import EventGateway
import Messages

extension SubscriptionCommand {
  struct Pause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Starts nothing for a subscription any more; its triggers are kept.")
    @Argument(help: "The subscription's id.") var id: String
    @Option(help: ArgumentHelp("For those who wonder why.", valueName: "text"))
    var reason: String?
    @OptionGroup var options: GatewayOptions

    func run() async throws {
      var request = PauseSubscriptionRequest()
      request.subscriptionID = id
      request.reason = reason ?? ""
      try await options.run { client in
        let subscription = try await client.call(
          "SubscriptionService/PauseSubscription", request, as: Subscription.self)
        options.report("paused subscription \(id)", subscription)
      }
    }
  }

  struct Resume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Runs what was kept for a paused subscription, and what comes.")
    @Argument(help: "The subscription's id.") var id: String
    @OptionGroup var options: GatewayOptions

    func run() async throws {
      var request = ResumeSubscriptionRequest()
      request.subscriptionID = id
      try await options.run { client in
        let subscription = try await client.call(
          "SubscriptionService/ResumeSubscription", request, as: Subscription.self)
        options.report("resumed subscription \(id)", subscription)
      }
    }
  }
}
