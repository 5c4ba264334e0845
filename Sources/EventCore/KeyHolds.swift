/// What is to be released of a lane's invocations that are held for their concurrency key.
package enum KeyRelease: Hashable, Sendable {
  /// So many of each key, the longest due first.
  case of([ConcurrencyKey: Int])
  /// Of all keys but some, in the order of the keys after one and round to it: up to `each` of a key,
  /// up to `limit` in all. For those who don't know what is held.
  case any(limit: Int, each: Int, after: ConcurrencyKey?, except: Set<ConcurrencyKey>)
}

/// What a release did.
package struct KeyReleased: Hashable, Sendable {
  /// How many nothing holds any more.
  package var count = 0
  /// The keys that it came across and of which something is still held.
  package var stillHeld: Set<ConcurrencyKey> = []
  /// Whether it came across all keys of the lane of which something is held.
  package var isComplete = false
  /// The last key that it came across.
  package var last: ConcurrencyKey?

  package init() {}
}
