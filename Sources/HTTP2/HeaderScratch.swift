/// The header section that is arriving, in memory that all sections of a session share, so that a
/// field costs two copies and no allocation. HTTP/2 never interleaves two sections.
struct HeaderScratch: ~Copyable {
  private var memory: UnsafeMutableRawBufferPointer
  private var used = 0
  private var count = 0
  private let listBytesMax: Int

  /// The section is over the limit; what it had is dropped.
  private(set) var isOversized = false

  /// What a section over the limit has brought since.
  private var oversizedBytes = 0

  init(listBytesMax: Int) {
    self.listBytesMax = listBytesMax
    // Our prefix of a field is smaller than the 32 bytes by which the limit counts it.
    memory = .allocate(byteCount: listBytesMax, alignment: 8)
  }

  deinit { memory.deallocate() }

  mutating func begin() {
    used = 0
    count = 0
    isOversized = false
    oversizedBytes = 0
  }

  /// False once the section is so large that no more of it should be read.
  mutating func append(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) -> Bool {
    let needed = HeaderBlock.prefixBytes + name.count + value.count
    let listBytes = used + needed + (count + 1) * (32 - HeaderBlock.prefixBytes)
    guard !isOversized, listBytes <= listBytesMax else {
      isOversized = true
      oversizedBytes += used + needed
      used = 0
      count = 0
      return oversizedBytes <= listBytesMax * Limits.headerListFactorMax
    }
    let start = memory.baseAddress! + used
    start.storeBytes(of: UInt32(truncatingIfNeeded: name.count), as: UInt32.self)
    start.storeBytes(
      of: UInt32(truncatingIfNeeded: value.count), toByteOffset: 4, as: UInt32.self)
    let text = start + HeaderBlock.prefixBytes
    text.copyMemory(from: name.baseAddress!, byteCount: name.count)
    (text + name.count).copyMemory(from: value.baseAddress!, byteCount: value.count)
    used += needed
    count += 1
    return true
  }

  /// The section as a value of its own.
  func makeBlock() -> HeaderBlock {
    HeaderBlock(encoded: UnsafeRawBufferPointer(rebasing: memory[..<used]), count: count)
  }
}
