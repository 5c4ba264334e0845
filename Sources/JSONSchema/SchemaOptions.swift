package import JSON

package struct SchemaOptions: Sendable {
  /// Whether `format` is checked; otherwise it is an annotation.
  package var assertsFormat = false
  /// Of schemas without `$schema`.
  package var defaultDraft = Draft.draft202012
  /// Documents that `$ref` and `$schema` may lead to, by their absolute URIs.
  package var resources: [String: JSONDocument] = [:]

  package init() {}
}
