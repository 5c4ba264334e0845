/// Bytes and their MIME type. The bytes are stored and delivered unchanged.
package struct Payload: Hashable, Sendable {
  package var data: [UInt8]
  package var dataType: String

  package init(data: [UInt8] = [], dataType: String = "") {
    self.data = data
    self.dataType = dataType
  }

  /// The type of a payload that names none.
  package static let defaultDataType = "application/json"
}
