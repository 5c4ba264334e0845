/// Which triggers a subscription wants, as text in one of three languages. Compiled in Matching.
package struct SubscriptionFilter: Hashable, Codable, Sendable {
  package var language: Language
  package var text: String

  package init(_ language: Language, _ text: String) {
    self.language = language
    self.text = text
  }

  package enum Language: String, CaseIterable, Codable, Sendable {
    /// CloudEvents SQL v1.
    case sql
    /// The dialects of CloudEvents Subscriptions.
    case json
    /// A content pattern.
    case pattern
  }
}

/// Shapes what a function gets. Compiled in Matching.
package struct PayloadTransform: Hashable, Codable, Sendable {
  /// JSON text with placeholders.
  package var template = ""
  /// The MIME type of the result; empty stands for `application/json`.
  package var dataType = ""

  package init() {}

  package init(_ template: String, dataType: String = "") {
    self.template = template
    self.dataType = dataType
  }
}
