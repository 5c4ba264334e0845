/// The tenant. Everything is looked up within one; `default` when a call names none.
package struct Organization: Hashable, Sendable, CustomStringConvertible {
  package let name: String

  package static let `default` = Organization(unchecked: "default")

  /// For names that were checked before, such as those a store returns.
  package init(unchecked name: String) {
    self.name = name
  }

  /// The value of a call's `x-dispatch-org` metadata.
  package init(_ name: String) throws(GatewayError) {
    if let problem = NameRule.identifier.problem(with: name) {
      throw .invalid("x-dispatch-org", problem)
    }
    self.init(unchecked: name)
  }

  package var description: String { name }
}
