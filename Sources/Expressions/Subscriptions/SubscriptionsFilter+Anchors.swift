extension SubscriptionsFilter {
  var anchors: [Anchor]? { anchors(of: root) }

  private func anchors(of index: Int) -> [Anchor]? {
    switch nodes[index] {
    case .attributes(.exact, let conditions):
      return conditions.reduce(nil) {
        Anchor.better($0, Anchor.attribute($1.name, isText: $1.text))
      }
    case .attributes(.prefix, let conditions):
      return conditions.reduce(nil) {
        Anchor.better($0, Anchor.attribute($1.name, beginsWith: $1.text))
      }
    case .all(let filters): return filters.reduce(nil) { Anchor.better($0, anchors(of: $1)) }
    case .any(let filters): return filters.reduce([]) { Anchor.union($0, anchors(of: $1)) }
    case .sql(let filter): return filter.anchors
    case .attributes(.suffix, _), .not: return nil
    }
  }
}
