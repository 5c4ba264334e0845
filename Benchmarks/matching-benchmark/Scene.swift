import EventCore
import Matching

/// An organization with so many subscriptions, five of which match each trigger: by the event's name,
/// by a pattern of names, by a filter of each language.
struct Scene {
  let catalog = Catalog()
  /// Different ones, so that not always the same is found.
  let triggers: [Trigger]

  static let matchCount = 5
  private static let event = "order.created"
  /// How many different values the five are spread over: a trigger finds its own five.
  private static let triggerCount = 16

  init(subscriptionCount: Int) {
    triggers = (0..<Self.triggerCount).map(Self.trigger)
    for name in [Self.event] + (0..<64).map({ "order.other\($0)" }) {
      var event = Event()
      event.event = name
      catalog.apply(.put(.event(event), .default))
    }
    add("match-name", to: Self.event, nil)
    add("match-pattern", to: "order.*", nil)
    add("match-sql", to: Self.event, .init(.sql, "region = 'eu-7' AND priority > 3"))
    add("match-json", to: "order.**", .init(.json, Self.dialect("eu-", "eu-7")))
    add("match-content", to: Self.event, .init(.pattern, Self.pattern("c-7", above: 10)))
    for number in Self.matchCount..<subscriptionCount {
      let (event, filter) = Self.other(number)
      add("other-\(number)", to: event, filter)
    }
  }

  private func add(_ id: String, to event: String, _ filter: SubscriptionFilter?) {
    var subscription = Subscription()
    subscription.subscriptionID = id
    subscription.event = event
    subscription.functionID = "function-\(id.utf8.count % 10)"
    subscription.filter = filter
    subscription.stamp = ResourceStamp(createdAt: .now())
    catalog.apply(.put(.subscription(subscription), .default))
  }

  /// One that no trigger matches: most are to the triggers' own event with other values, one in five
  /// to another event.
  private static func other(_ number: Int) -> (event: String, filter: SubscriptionFilter?) {
    let value = "x-\(number)"
    switch number % 10 {
    case 0: return ("order.other\(number % 64)", nil)
    case 1: return ("shop\(number).*.created", nil)
    case 2: return (event, .init(.sql, "region = '\(value)' AND priority > 3"))
    case 3: return ("order.*", .init(.sql, "region IN ('\(value)', '\(value)b')"))
    case 4: return (event, .init(.sql, "customer LIKE '\(value).%'"))
    case 5: return (event, .init(.json, dialect("eu-", value)))
    case 6: return ("**", .init(.json, "{\"prefix\":{\"region\":\"\(value)\"}}"))
    case 7: return (event, .init(.pattern, pattern(value, above: 10)))
    case 8:
      return (
        event, .init(.pattern, "{\"data\":{\"items\":{\"sku\":[\"\(value)\",\"\(value)b\"]}}}")
      )
    default: return ("order.**", .init(.pattern, "{\"data\":{\"total\":[\(number + 1_000)]}}"))
    }
  }

  private static func dialect(_ prefix: String, _ region: String) -> String {
    "{\"all\":[{\"prefix\":{\"region\":\"\(prefix)\"}},{\"exact\":{\"region\":\"\(region)\"}}]}"
  }

  private static func pattern(_ customer: String, above total: Int) -> String {
    "{\"data\":{\"customer\":{\"id\":[\"\(customer)\"]},\"total\":[{\"numeric\":[\">\",\(total)]}]}}"
  }

  private static func trigger(_ number: Int) -> Trigger {
    var trigger = Trigger()
    trigger.triggerID = UniqueID(at: .now())
    trigger.event = event
    trigger.receivedAt = .now()
    trigger.metadata = ["region": "eu-7", "priority": "\(4 + number)", "customer": "c-\(number)"]
    let items = (0..<4).map { "{\"sku\":\"A-\(number)-\($0)\",\"count\":\($0)}" }
    let data =
      "{\"id\":\(number),\"total\":\(20 + number),\"customer\":{\"id\":\"c-7\",\"name\":\"Ada\"},"
      + "\"items\":[\(items.joined(separator: ","))]}"
    trigger.payload = Payload(data: Array(data.utf8), dataType: "application/json")
    return trigger
  }
}
