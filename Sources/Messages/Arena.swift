internal import CProtobufC

/// Memory for one message's C structs: handed out front to back, freed all at once.
///
/// Saves a malloc for every string and submessage, and bounds what unpacking may take: a message of
/// unknown fields claims 19 times its size.
struct Arena: ~Copyable {
  /// Bytes that may still be handed out, with what alignment takes of them.
  private var budget: Int
  /// Always aligned.
  private var next: UnsafeMutableRawPointer
  private var end: UnsafeMutableRawPointer
  /// Each chunk starts with a pointer to the one before.
  private var chunks: UnsafeMutableRawPointer?
  private(set) var isExhausted = false

  private static let chunkBytes = 16 << 10
  private static let alignment = 16

  /// - Parameter first: memory of the caller's that outlives the arena, used before any chunk;
  ///   aligned to 16.
  init(budget: Int, first: UnsafeMutableRawBufferPointer) {
    self.budget = budget
    next = first.baseAddress!
    end = next + first.count
  }

  deinit {
    var chunk = chunks
    while let this = chunk {
      chunk = this.load(as: UnsafeMutableRawPointer?.self)
      this.deallocate()
    }
  }

  /// Uninitialized memory, aligned for any C type; nil when the budget is used up.
  mutating func allocate(_ bytes: Int) -> UnsafeMutableRawPointer? {
    guard bytes >= 0, bytes <= budget, let size = Self.aligned(bytes), size <= budget else {
      isExhausted = true
      return nil
    }
    budget -= size
    if size > end - next { grow(toHold: size) }
    defer { next += size }
    return next
  }

  /// What `bytes` take of the memory; nil when that is past all bounds.
  private static func aligned(_ bytes: Int) -> Int? {
    let (sum, overflow) = bytes.addingReportingOverflow(alignment - 1)
    return overflow ? nil : sum / alignment * alignment
  }

  private mutating func grow(toHold bytes: Int) {
    let size = max(Self.chunkBytes, bytes + Self.alignment)
    let chunk = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: Self.alignment)
    chunk.storeBytes(of: chunks, as: UnsafeMutableRawPointer?.self)
    chunks = chunk
    next = chunk + Self.alignment
    end = chunk + size
  }
}

extension ProtobufCAllocator {
  /// Allocates from the arena at `arena`, which must outlive the allocator; frees nothing.
  init(_ arena: UnsafeMutablePointer<Arena>) {
    self.init(
      alloc: { arena, size in
        arena!.assumingMemoryBound(to: Arena.self).pointee.allocate(size)
      },
      free: { _, _ in },
      allocator_data: UnsafeMutableRawPointer(arena))
  }
}
