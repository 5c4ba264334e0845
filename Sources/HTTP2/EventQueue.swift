/// The events of a session, first in, first out. Events move in and out of their slots without
/// touching a reference count, which an array cannot do: with one, 4 % of a unary call's profile
/// was here.
struct EventQueue: ~Copyable {
  private var slots = UnsafeMutableBufferPointer<HTTP2Event>.allocate(capacity: 64)
  private var head = 0
  private var tail = 0

  deinit {
    UnsafeMutableBufferPointer(rebasing: slots[head..<tail]).deinitialize()
    slots.deallocate()
  }

  mutating func append(_ event: consuming HTTP2Event) {
    if tail == slots.count { makeRoom() }
    slots.initializeElement(at: tail, to: event)
    tail += 1
  }

  mutating func popFirst() -> HTTP2Event? {
    guard head < tail else { return nil }
    let event = slots.moveElement(from: head)
    head += 1
    if head == tail {
      head = 0
      tail = 0
      shrink()
    }
    return event
  }

  /// Doubles the slots; a flood of frames in one read is as large as it gets, see ``Inbox``.
  private mutating func makeRoom() { resize(to: slots.count * 2) }

  /// Gives back what such a flood took.
  private mutating func shrink() {
    if slots.count > Limits.keptEventSlotsMax { resize(to: Limits.keptEventSlotsMax) }
  }

  private mutating func resize(to capacity: Int) {
    let larger = UnsafeMutableBufferPointer<HTTP2Event>.allocate(capacity: capacity)
    let count = tail - head
    _ = larger.moveInitialize(fromContentsOf: slots[head..<tail])
    slots.deallocate()
    slots = larger
    head = 0
    tail = count
  }
}
