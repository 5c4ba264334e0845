/// Part of a list, in its order.
package struct Page<Item: Sendable>: Sendable {
  package var items: [Item]
  /// There are more after the last one.
  package var hasMore: Bool

  package init(items: [Item] = [], hasMore: Bool = false) {
    self.items = items
    self.hasMore = hasMore
  }
}

extension Page: Equatable where Item: Equatable {}

/// Something that lists consist of.
package protocol PageItem: Sendable {
  /// About what it takes in memory and on the wire, without the fixed cost of its fields.
  var pageBytes: Int { get }
}

extension Page where Item: PageItem {
  /// Fills a page up to `limit` items, or to `Limits.pageBytesMax` bytes, but with one item at least.
  ///
  /// - Parameter next: the next item of the list; nil at its end. Not called again after the page is
  ///   full, so one item more than fits is read.
  package init<Failure: Error>(
    limit: Int, next: () throws(Failure) -> Item?
  ) throws(Failure) {
    self.init()
    var bytes = 0
    while let item = try next() {
      bytes += item.pageBytes
      guard items.count < limit, items.isEmpty || bytes <= Limits.pageBytesMax else {
        hasMore = true
        return
      }
      items.append(item)
    }
  }
}

extension Definition: PageItem {
  package var pageBytes: Int {
    switch self {
    case .event(let event):
      event.data.count + event.metadata.textBytes + (event.schema?.textBytes ?? 0)
    case .subscription(let subscription):
      subscription.metadata.textBytes + (subscription.filter?.text.utf8.count ?? 0)
        + (subscription.transform?.template.utf8.count ?? 0)
    case .function(let function): function.metadata.textBytes + (function.target?.textBytes ?? 0)
    case .group(let group): group.metadata.textBytes
    case .schema(let schema): schema.schema.textBytes
    }
  }
}

extension PayloadSchema {
  fileprivate var textBytes: Int {
    changeNotes.reduce(definition.utf8.count) { $0 + $1.utf8.count }
  }
}

extension Function.Target {
  fileprivate var textBytes: Int {
    switch self {
    case .http(let http): http.url.utf8.count + http.headers.textBytes
    case .grpc(let grpc):
      grpc.address.utf8.count + grpc.authorities.utf8.count + grpc.metadata.textBytes
    case .process(let process):
      process.arguments.reduce(process.environment.textBytes) { $0 + $1.utf8.count }
    case .worker: 0
    }
  }
}

extension StoredTrigger: PageItem {
  /// Each invocation that its tally counts had to be read.
  package var pageBytes: Int {
    trigger.payload.data.count + trigger.metadata.textBytes + 64 * total.total
  }
}

extension Invocation: PageItem {
  package var pageBytes: Int {
    // 80: the numbers, times and code of an attempt or a line. There may be a hundred of each, so
    // that without them a page of short messages would be three times as large.
    let errors = attempts.reduce(0) { $0 + 80 + ($1.error?.message.utf8.count ?? 0) }
    let logs = logs.reduce(0) { $0 + 80 + $1.text.utf8.count }
    return errors + logs + (output?.payload.data.count ?? 0)
  }
}

extension [String: String] {
  fileprivate var textBytes: Int { reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count } }
}
