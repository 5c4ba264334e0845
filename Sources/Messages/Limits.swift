/// Every bound of packing and unpacking, with its reason.
enum MessageLimits {
  /// Levels of messages in messages; the API's own go four deep.
  static let depthMax = 32

  /// Fields that this version does not know, in one message with all it contains: more than any later
  /// version will add. Each costs 19 times its size when it is unpacked.
  static let unknownFieldsMax = 1_024

  /// Stack memory for a message's structs and strings; only larger ones take heap memory.
  static let stackBytes = 2_048
}
