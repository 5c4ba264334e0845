import JSON
import JSONSchema
import Testing

@Suite struct SchemaTests {}
