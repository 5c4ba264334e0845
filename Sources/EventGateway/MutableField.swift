internal import EventCore
internal import Messages

/// A field that an update may change.
struct MutableField<R: Resource>: Sendable {
  /// Its path in the contract, such as `data_type`.
  let path: String
  /// Whether it is set in an update that has no mask.
  let isSet: @Sendable (R) -> Bool
  let copy: @Sendable (_ from: R, _ to: inout R) -> Void

  /// A part of another field, for those who name it: an update without a mask takes the whole.
  static func part<Value: Sendable>(
    _ path: String, _ field: any WritableKeyPath<R, Value> & Sendable
  ) -> Self {
    Self(path: path, isSet: { _ in false }, copy: { $1[keyPath: field] = $0[keyPath: field] })
  }

  private init(
    path: String, isSet: @escaping @Sendable (R) -> Bool,
    copy: @escaping @Sendable (_ from: R, _ to: inout R) -> Void
  ) {
    self.path = path
    self.isSet = isSet
    self.copy = copy
  }

  /// - Parameter isSet: for an alternative of a oneof, whether `field` has it; an update without it
  ///   then clears it, but no other alternative.
  init<Value: Equatable & Sendable>(
    _ path: String, _ field: any WritableKeyPath<R, Value> & Sendable,
    isSet: (@Sendable (Value) -> Bool)? = nil
  ) {
    let absent = R()[keyPath: field]
    self.path = path
    self.isSet = { isSet?($0[keyPath: field]) ?? ($0[keyPath: field] != absent) }
    copy = { update, merged in
      guard let isSet, !isSet(update[keyPath: field]) else {
        return merged[keyPath: field] = update[keyPath: field]
      }
      if isSet(merged[keyPath: field]) { merged[keyPath: field] = absent }
    }
  }
}

extension Resource {
  /// The resource with the fields that the mask names taken from `update` (AIP-134, AIP-161).
  ///
  /// - Parameter mask: `*` stands for all fields; nil or empty for those that are set in `update`.
  func merging(_ update: Self, mask: FieldMask?) throws(GatewayError) -> Self {
    let paths = mask?.paths ?? []
    let known = Self.mutableFields
    if let unknown = paths.first(where: { path in
      path != "*" && !known.contains { $0.path == path }
    }) {
      throw .invalid(
        "update_mask",
        "names '\(unknown.prefix(64))'; it may name "
          + known.map(\.path).joined(separator: ", ") + " or *")
    }
    var merged = self
    for field in known {
      let isWanted =
        paths.isEmpty ? field.isSet(update) : paths.contains { $0 == "*" || $0 == field.path }
      if isWanted { field.copy(update, &merged) }
    }
    return merged
  }
}
