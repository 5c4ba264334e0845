/// A bounded amount that several share: nobody takes more than what is left to the others.
///
/// Alone one so gets half of it; a second one finds half, and gets half of that, and so on: whoever
/// comes finds some, without a part that is reserved for those who may never come (Choudhury and Hahne,
/// Dynamic Queue Length Thresholds, 1998). What was taken is not taken back.
package struct Share<Owner: Hashable & Sendable>: Sendable {
  package let limit: Int
  package private(set) var taken = 0
  private var amounts: [Owner: Int] = [:]

  package init(limit: Int) { self.limit = limit }

  package func amount(of owner: Owner) -> Int { amounts[owner, default: 0] }

  /// How much more an owner may take; not above 0 if nothing: so much that it has no more than what is
  /// left then, but for the odd one.
  package func room(for owner: Owner) -> Int {
    let rest = limit - taken - amount(of: owner)
    return rest / 2 + rest % 2
  }

  package mutating func take(_ amount: Int, for owner: Owner) {
    taken += amount
    amounts[owner, default: 0] += amount
  }

  package mutating func give(_ amount: Int, from owner: Owner) {
    taken -= amount
    let rest = self.amount(of: owner) - amount
    amounts[owner] = rest == 0 ? nil : rest
  }
}
