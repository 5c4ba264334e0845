/// What the store adds to every definition; output only in the API.
package struct ResourceStamp: Hashable, Codable, Sendable {
  /// New with every creation, so that a name used again is told from its predecessor.
  package var uid = UniqueID(high: 0, low: 0)
  /// 1 at creation, one more with every update.
  package var revision: UInt64 = 0
  package var createTime = Timestamp(nanoseconds: 0)
  package var updateTime = Timestamp(nanoseconds: 0)

  package init() {}

  /// A first revision made at `now`.
  package init(createdAt now: Timestamp) {
    uid = UniqueID(at: now)
    revision = 1
    createTime = now
    updateTime = now
  }

  package func updated(at now: Timestamp) -> ResourceStamp {
    var next = self
    next.revision += 1
    next.updateTime = max(now, updateTime)
    return next
  }

  /// Opaque to clients; changes with every update and with re-creation (AIP-154).
  ///
  /// Follows from uid and revision, unless it was set to what a client sent, for comparison.
  package var etag: String {
    get { sentEtag ?? (revision == 0 ? "" : "\(String(uid.low, radix: 36))-\(revision)") }
    set { sentEtag = newValue }
  }

  private var sentEtag: String?

  private enum CodingKeys: String, CodingKey {
    case uid, revision, createTime, updateTime
  }
}
