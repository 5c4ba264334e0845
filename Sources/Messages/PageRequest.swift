internal import CEventProtos
internal import EventCore

/// The two fields by which every list method is paged (AIP-158).
package struct PageRequest: Hashable, Sendable {
  package var size: Int32 = 0
  /// Empty for the first page.
  package var token = ""

  package init() {}
}

extension FieldMapper {
  func page(
    _ page: inout PageRequest, _ size: inout Int32, _ token: inout UnsafeMutablePointer<CChar>!
  ) {
    number(&page.size, &size)
    string(&page.token, &token)
  }
}
