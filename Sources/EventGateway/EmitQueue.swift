/// The messages of one EmitEvents call that are not answered yet. A value: it says which may go to the
/// store now. Any number may, but of an ordering key one at a time, in the order in which they came.
struct EmitQueue<Message> {
  /// By ordering key, those behind the one that is with the store; a key that is idle has none.
  private var waiting: [String: [Message]] = [:]
  private(set) var count = 0
  private(set) var bytes = 0
  private let countMax: Int
  private let bytesMax: Int

  init(
    countMax: Int = GatewayLimits.emitsInFlightMax,
    bytesMax: Int = GatewayLimits.emitBytesInFlightMax
  ) {
    self.countMax = countMax
    self.bytesMax = bytesMax
  }

  /// No more is to be read until something is answered.
  var isFull: Bool { count >= countMax || bytes >= bytesMax }

  /// - Parameters:
  ///   - key: the ordering key; empty for none.
  ///   - bytes: what it takes.
  /// - Returns: whether it goes to the store now; else `finish` brings it.
  mutating func add(_ message: Message, key: String, bytes: Int) -> Bool {
    count += 1
    self.bytes += bytes
    guard !key.isEmpty else { return true }
    guard waiting[key] != nil else {
      waiting[key] = []
      return true
    }
    waiting[key]?.append(message)
    return false
  }

  /// One is answered.
  ///
  /// - Returns: the next one of its key, to go to the store now.
  mutating func finish(key: String, bytes: Int) -> Message? {
    count -= 1
    self.bytes -= bytes
    guard var line = waiting.removeValue(forKey: key), !line.isEmpty else { return nil }
    let next = line.removeFirst()
    waiting[key] = line
    return next
  }

  /// How many keys are not idle.
  var keys: Int { waiting.count }
}
