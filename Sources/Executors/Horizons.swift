import EventCore

/// The youngest trigger of each organization that refills brought to lanes that are gone (see
/// `LaneState`): by organization, so that one that floods makes no other's hints look late.
struct Horizons {
  private var horizons: [Organization: UniqueID] = [:]
  /// Of those that are not remembered by themselves.
  private var others = UniqueID(high: 0, low: 0)

  subscript(organization: Organization) -> UniqueID {
    max(horizons[organization] ?? others, others)
  }

  mutating func raise(_ organization: Organization, to id: UniqueID) {
    if horizons.count >= ExecutorLimits.horizonsMax, horizons[organization] == nil {
      others = horizons.values.reduce(others) { max($0, $1) }
      horizons = [:]
    }
    horizons[organization] = max(self[organization], id)
  }
}
