import ArgumentParser
import EventCore

/// A subscription's filter on the command line, in one of its languages.
struct FilterOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Which triggers it wants, as CloudEvents SQL; '' for all."))
  var filterSql: String?

  @Option(help: ArgumentHelp("The same in the dialects of CloudEvents Subscriptions."))
  var filterJson: String?

  @Option(help: ArgumentHelp("The same as a content pattern."))
  var filterPattern: String?

  func validate() throws {
    if given.count > 1 {
      throw ValidationError("only one of --filter-sql, --filter-json and --filter-pattern is possible")
    }
  }

  var isGiven: Bool { !given.isEmpty }

  /// Nil for one that wants all.
  var filter: SubscriptionFilter? { given.first.flatMap { $0.text.isEmpty ? nil : $0 } }

  private var given: [SubscriptionFilter] {
    [
      filterSql.map { SubscriptionFilter(.sql, $0) },
      filterJson.map { SubscriptionFilter(.json, $0) },
      filterPattern.map { SubscriptionFilter(.pattern, $0) },
    ].compactMap { $0 }
  }
}
