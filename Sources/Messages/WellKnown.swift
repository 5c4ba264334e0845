internal import CEventProtos

/// google.protobuf.FieldMask.
package struct FieldMask: WireMessage, Hashable {
  package var paths: [String] = []

  package init() {}

  package static let coding = MessageCoding<FieldMask>(google__protobuf__field_mask__init) {
    $2.strings(&$0.paths, &$1.n_paths, &$1.paths)
  }
}

/// google.protobuf.Empty.
package struct Empty: WireMessage, Hashable {
  package init() {}

  package static let coding = MessageCoding<Empty>(google__protobuf__empty__init) { _, _, _ in }
}
