/// Every bound of matching, with its reason.
enum MatchingLimits {
  /// Of a filter's prefix, what the index looks up; what follows is left to the filter. One event is
  /// looked up with each length that there is, and a set of those lengths is one word.
  static let anchorPrefixBytesMax = 64
}
