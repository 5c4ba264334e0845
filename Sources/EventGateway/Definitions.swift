internal import EventCore
internal import Messages

/// A resource that developers write, in terms of what the standard methods need.
protocol Resource: WireMessage {
  static var kind: Definition.Kind { get }
  /// Nil when the definition is of another kind.
  init?(_ definition: Definition)
  var definition: Definition { get }
  /// Nil when `id` may be one, else a phrase that says what is wrong with it.
  static func idProblem(_ id: String) -> String?
  var stamp: ResourceStamp { get set }
  func check(_ path: String) -> FieldCheck
  /// The fields that an update may change, by their names in the contract.
  static var mutableFields: [MutableField<Self>] { get }
}

/// Reading and writing definitions, the same for every kind.
struct Definitions: Sendable {
  let store: any EventStore
  /// Called after a definition was changed or deleted: what was held or kept because of it may not
  /// be any more.
  let upkeepNeeded: @Sendable () -> Void

  /// - Parameter field: where the request names the id, for the error if it is ill-formed.
  func get<R: Resource>(
    _ id: String, _ field: String, in organization: Organization
  ) async throws -> R {
    if let problem = R.idProblem(id) { throw GatewayError.invalid(field, problem) }
    let key = Definition.Key(R.kind, id)
    guard let definition = try await store.definition(key, in: organization),
      let resource = R(definition)
    else { throw key.notFound }
    return resource
  }

  /// A page of resources and the token of the next one.
  ///
  /// - Parameter references: only those that refer to this one.
  func list<R: Resource>(
    _ page: PageRequest, in organization: Organization, references: Definition.Key? = nil
  ) async throws -> (resources: [R], nextPageToken: String) {
    let scope = [R.kind.rawValue, organization.name, references.map { "\($0)" } ?? ""]
    let cursor = try PageCursor<String>(page, scope: scope)
    let query = DefinitionQuery(
      R.kind, in: organization, references: references, after: cursor.after, limit: cursor.limit)
    let found = try await store.definitions(query)
    let next = cursor.token(after: found.items.last?.key.id, hasMore: found.hasMore)
    return (found.items.compactMap(R.init), next)
  }

  /// Everything of a kind that refers to `key`.
  func dependents<R: Resource>(of key: Definition.Key, in organization: Organization) async throws
    -> [R]
  {
    var found: [Definition] = []
    var page = Page<Definition>()
    repeat {
      let query = DefinitionQuery(
        R.kind, in: organization, references: key, after: found.last?.key.id,
        limit: Limits.pageSizeMax)
      page = try await store.definitions(query)
      found += page.items
    } while page.hasMore
    return found.compactMap(R.init)
  }

  /// - Throws: a refusal as the error that the client gets.
  /// - Returns: what was written first.
  @discardableResult
  func commit<R: Resource>(
    _ transaction: DefinitionTransaction, as type: R.Type = R.self
  ) async throws -> R? {
    switch try await store.commit(transaction) {
    case .committed(let definitions): return definitions.first.flatMap(R.init)
    case .refused(let refusal): throw refusal.error
    }
  }

  /// Reads, changes and writes a resource; starts again when somebody else wrote in between, unless
  /// the client said which state of the resource it wants to change.
  ///
  /// - Parameters:
  ///   - etag: what the client says is current; empty for whatever is.
  ///   - isForced: whether `changes` deletes all that refer to the resource, so that one that is new
  ///     is a reason to start again.
  ///   - changes: the changes that go from the current resource to the wanted state; none if it is
  ///     in it.
  /// - Returns: the resource as it is now; nil if it was deleted.
  @discardableResult
  func change<R: Resource>(
    _ type: R.Type, _ id: String, _ field: String, etag: String, in organization: Organization,
    validateOnly: Bool = false, isForced: Bool = false,
    _ changes: (R) async throws -> [DefinitionChange]
  ) async throws -> R? {
    for attempt in 1... {
      let current: R = try await get(id, field, in: organization)
      guard etag.isEmpty || etag == current.stamp.etag else {
        throw DefinitionOutcome.Refusal.revisionMismatch(current.definition.key).error
      }
      let changes = try await changes(current)
      guard !changes.isEmpty else { return current }
      let transaction = DefinitionTransaction(in: organization, changes, validateOnly: validateOnly)
      switch try await store.commit(transaction) {
      case .committed(let definitions):
        upkeepNeeded()
        return definitions.first.flatMap(R.init)
      case .refused(let refusal):
        let isPinned = !etag.isEmpty && refusal == .revisionMismatch(current.definition.key)
        guard refusal.isStale(transaction, isForced), !isPinned, attempt < Self.changeAttemptsMax
        else {
          throw refusal.error
        }
      }
    }
    preconditionFailure("the last attempt returned or threw")
  }

  private static let changeAttemptsMax = 100
}
