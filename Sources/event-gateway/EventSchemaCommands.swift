import ArgumentParser
import EventCore
import EventGateway
import Messages

extension EventCommand {
  struct Validate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Says what a schema finds wrong with a payload. Triggers nothing.",
      discussion: """
        The schema is the event's, or with --schema one that is not written yet. Ends with 1 if there \
        is anything wrong.
        """)
    @Argument(help: "The event's name; not needed with --schema.") var name: String?
    @OptionGroup var payload: PayloadOptions
    @OptionGroup var file: SchemaFileOptions
    @OptionGroup var options: GatewayOptions

    func validate() throws {
      guard name != nil || file.schema != nil else {
        throw ValidationError("an event or --schema is needed")
      }
      if file.schema == nil, file.formatAssertion != nil {
        throw ValidationError("--format-assertion is for a --schema; an event's says it itself")
      }
      if file.schema == "-", payload.dataFile == "-" {
        throw ValidationError("--schema and --data-file can't both be stdin")
      }
    }

    func run() async throws {
      var request = ValidateEventRequest()
      request.event = name ?? ""
      request.payload.data = try payload.payload() ?? []
      request.payload.dataType = payload.dataType ?? ""
      if file.schema != nil {
        var schema = PayloadSchema()
        try file.apply(to: &schema)
        request.schema = schema
      }
      try await options.run { client in
        let answer = try await client.call(
          "EventService/ValidateEvent", request, as: ValidateEventResponse.self)
        options.report(answer.lines(isWritten: file.schema == nil).joined(separator: "\n"), answer)
        guard answer.isValid else { throw ExitCode.failure }
      }
    }
  }

  struct Schema: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Prints an event's schema, as it was written.")
    @Argument(help: "The event's name.") var name: String
    @Option(help: ArgumentHelp("An earlier one.", valueName: "n")) var revision: UInt64?
    @OptionGroup var options: GatewayOptions

    func validate() throws {
      if revision == 0 { throw ValidationError("revisions count from 1") }
    }

    func run() async throws {
      var request = GetEventSchemaRequest()
      (request.event, request.revision) = (name, revision ?? 0)
      try await options.run { client in
        let found = try await client.call(
          "EventService/GetEventSchema", request, as: SchemaRevision.self)
        show(found)
      }
    }

    private func show(_ found: SchemaRevision) {
      switch options.output {
      case .json: print(found.tree.json)
      case .text:
        let text = found.schema.definition
        // A file gets what was written, to the byte but for a last line end.
        print(
          isOutputTerminal ? text.printable : text,
          terminator: text.utf8.last == UInt8(ascii: "\n") ? "" : "\n")
      }
    }
  }

  struct Schemas: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Lists the revisions of an event's schema, the oldest first.")
    @Argument(help: "The event's name.") var name: String
    @OptionGroup var options: GatewayOptions

    func run() async throws {
      try await options.run { client in
        let schemas = try await pages { token, size in
          var request = ListEventSchemasRequest()
          request.event = name
          (request.page.token, request.page.size) = (token, size)
          let page = try await client.call(
            "EventService/ListEventSchemas", request, as: ListEventSchemasResponse.self)
          return (page.schemas, page.nextPageToken)
        }
        show(schemas)
      }
    }

    private func show(_ schemas: [SchemaRevision]) {
      switch options.output {
      case .json: for schema in schemas { print(schema.tree.json) }
      case .text:
        let columns = [
          Column("REVISION", "revision"), Column("CHANGE", "change"), Column("CREATED", "created"),
          Column("NOTES", "notes"),
        ]
        print(table(schemas.map(\.row), columns))
      }
    }
  }
}

extension ValidateEventResponse {
  /// - Parameter isWritten: whether the schema is the event's.
  fileprivate func lines(isWritten: Bool) -> [String] {
    switch (violations.isEmpty, isWritten, schemaRevision) {
    case (false, _, _): violations.map(\.line)
    case (true, true, 0): ["valid: the event has no schema"]
    case (true, true, _): ["valid by schema revision \(schemaRevision)"]
    case (true, false, _): ["valid"]
    }
  }
}

extension SchemaRevision {
  /// Of a table.
  fileprivate var row: MessageTree {
    var parts: [(name: String, value: MessageTree)] = [
      ("revision", .literal(String(schema.revision)))
    ]
    if let change = schema.change { parts.append(("change", .text(change.word))) }
    if let time = tree.value(at: ["createTime"]) { parts.append(("created", time)) }
    if !schema.changeNotes.isEmpty {
      parts.append(("notes", .text(schema.changeNotes.joined(separator: "; "))))
    }
    return .object(parts)
  }
}

extension PayloadSchema {
  /// What became of a schema that was written over another: nothing if it is the same.
  func changeLines(since old: PayloadSchema?) -> [String] {
    guard revision != old?.revision else { return [] }
    let verdict = change.map { ": \($0.word)" } ?? ""
    return ["schema revision \(revision)\(verdict)"] + changeNotes.map { "  \($0)".printableLine }
  }
}

extension PayloadSchema.Change {
  /// As the contract has it.
  var word: String {
    switch self {
    case .compatible: "COMPATIBLE"
    case .breaking: "BREAKING"
    case .unknown: "UNKNOWN"
    }
  }
}
