/// What an invocation counts for among those of its function (see `KeyLimit`): a number that stands
/// for the value, so that keys of any length cost the same. Stores keep it.
package struct ConcurrencyKey: Hashable, Comparable, Sendable {
  package let number: Int64

  package init(number: Int64) {
    self.number = number
  }

  package static func < (left: ConcurrencyKey, right: ConcurrencyKey) -> Bool {
    left.number < right.number
  }
}
