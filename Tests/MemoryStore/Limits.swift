import EventCore

/// The bounds of the store in memory; tests tighten them.
package struct ModelLimits: Sendable {
  package var backlogPerFunctionMax = Limits.backlogPerFunctionMax
  package var backlogPerOrganizationMax = Limits.backlogMax / 2
  package var backlogMax = Limits.backlogMax
  package var definitionsPerKindMax = Limits.definitionsPerKindMax
  package var groupMembersMax = Limits.groupMembersMax
  package var requestIDWindow = Limits.requestIDWindow
  package var changesWindow = Limits.changesWindow
  /// What a refused deletion names of those that refer to the definition.
  package var namedReferrersMax = 10

  package init() {}

  /// Elements that one change of a `SortedSet` may move.
  static let runLengthMax = 512
}
