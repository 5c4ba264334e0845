import Expressions
import JSON
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

extension EventView {
  /// From an event in its JSON format.
  init(event json: String) throws {
    let document = try JSONDocument(json)
    defer { withExtendedLifetime(document) {} }
    self.init()
    for member in document.root.members {
      switch member.name.string {
      case "metadata":
        for entry in member.value.members { metadata[entry.name.string] = entry.value.string }
      case "data": data = .json(try JSONDocument(member.value.json))
      case let name: attributes.append((name, try AttributeValue(member.value)))
      }
    }
  }
}

extension AttributeValue {
  struct NoAttribute: Error {}

  fileprivate init(_ value: JSONValue) throws {
    if let text = value.string {
      self = .string(text)
    } else if let flag = value.boolean {
      self = .boolean(flag)
    } else if let number = value.int64 {
      self = .integer(Int32(number))
    } else {
      throw NoAttribute()
    }
  }
}

/// Runs `body` on a thread whose stack is as small as those of Swift's own threads may be.
func onSmallStack(_ body: @escaping @Sendable () -> Void) {
  final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  pthread_attr_setstacksize(&attributes, 512 << 10)
  var thread = pthread_t()
  let work = Unmanaged.passRetained(Work(body))
  let status = pthread_create(
    &thread, &attributes,
    { argument in
      Unmanaged<Work>.fromOpaque(argument!).takeRetainedValue().body()
      return nil
    }, work.toOpaque())
  precondition(status == 0, "pthread_create: \(status)")
  pthread_join(thread, nil)
  pthread_attr_destroy(&attributes)
}
