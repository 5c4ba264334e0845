import ArgumentParser
import EventCore
import EventGateway
import Messages

struct EventCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "event", abstract: "Defines events.",
    subcommands: [
      Create.self, Get.self, List.self, Update.self, Delete.self, Validate.self, Schema.self,
      Schemas.self,
    ])

  /// The fields that create and update have in common.
  struct Fields: ParsableArguments {
    @Argument(help: "The event's name, such as order.created.")
    var name: String

    @Option(help: ArgumentHelp("A function to run without a subscription.", valueName: "id"))
    var function: String?

    @Option(
      help: ArgumentHelp("How long finished triggers are kept, such as 7d.", valueName: "time"))
    var retention: Span?

    @Option(
      help: ArgumentHelp("The same for those that failed, such as 30d.", valueName: "time"))
    var deadLetterRetention: Span?

    @OptionGroup var schema: SchemaOptions
    @OptionGroup var payload: PayloadOptions

    @Option(help: ArgumentHelp("Your own data; may be repeated.", valueName: "key=value"))
    var metadata: [Pair] = []

    func validate() throws {
      if schema.file.schema == "-", payload.dataFile == "-" {
        throw ValidationError("--schema and --data-file can't both be stdin")
      }
    }

    /// All but the schema.
    func apply(to event: inout Event) throws {
      event.event = name
      if let function { event.functionID = function }
      if let data = try payload.payload() { event.data = data }
      if let type = payload.dataType { event.dataType = type }
      if !metadata.isEmpty { event.metadata = metadata.dictionary }
      if let retention { event.retention = retention.duration }
      if let deadLetterRetention { event.deadLetterRetention = deadLetterRetention.duration }
    }
  }

  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Defines an event.")
    @OptionGroup var fields: Fields
    @OptionGroup var options: GatewayOptions

    func validate() throws {
      if fields.schema.isGiven, fields.schema.file.schema == nil {
        throw ValidationError("what is said about a schema needs --schema")
      }
    }

    func run() async throws {
      var request = CreateEventRequest()
      try fields.apply(to: &request.event)
      request.event.schema = try fields.schema.created()
      try await options.run { client in
        let event = try await client.call(
          "EventService/CreateEvent", request, as: Event.self)
        options.report("created event \(event.event)", event)
      }
    }
  }

  struct Get: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Shows an event.")
    @Argument(help: "The event's name.") var name: String
    @OptionGroup var options: GatewayOptions

    func run() async throws {
      var request = GetEventRequest()
      request.event = name
      try await options.run { client in
        options.show(try await client.call("EventService/GetEvent", request, as: Event.self))
      }
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lists all events.")
    @OptionGroup var options: GatewayOptions

    func run() async throws {
      try await options.run { client in
        let events = try await pages { token, size in
          var request = ListEventsRequest()
          (request.page.token, request.page.size) = (token, size)
          let page = try await client.call(
            "EventService/ListEvents", request, as: ListEventsResponse.self)
          return (page.events, page.nextPageToken)
        }
        options.show(
          events,
          columns: [
            Column("EVENT", "event"), Column("FUNCTION", "functionId"),
            Column("LAST TRIGGERED", "receivedAt"),
          ])
      }
    }
  }

  struct Update: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Changes an event: the fields that are given.")
    @OptionGroup var fields: Fields
    @Flag(help: "Runs no function without a subscription any more.") var clearFunction = false
    @Flag(help: "Takes payloads of any kind; the schema's revisions are kept.")
    var clearSchema = false
    @OptionGroup var options: GatewayOptions

    func validate() throws {
      if clearFunction, fields.function != nil {
        throw ValidationError("--clear-function and --function can't be given together")
      }
      if clearSchema, fields.schema.isGiven {
        throw ValidationError("--clear-schema can't be given together with a schema's options")
      }
    }

    func run() async throws {
      var request = UpdateEventRequest()
      try fields.apply(to: &request.event)
      let mask = mask
      try mask.checkNamesSomething()
      request.updateMask = mask
      try await options.run { client in
        let old = fields.schema.isGiven ? try await schema(client, &request.event) : nil
        let event = try await client.call("EventService/UpdateEvent", request, as: Event.self)
        let change = fields.schema.isGiven ? event.schema?.changeLines(since: old) : nil
        options.report(
          (["updated event \(event.event)"] + (change ?? [])).joined(separator: "\n"), event)
      }
    }

    private var mask: FieldMask {
      var mask = FieldMask()
      if fields.function != nil || clearFunction { mask.paths.append("function_id") }
      if fields.payload.isGiven { mask.paths.append("data") }
      if fields.payload.dataType != nil { mask.paths.append("data_type") }
      if !fields.metadata.isEmpty { mask.paths.append("metadata") }
      if fields.schema.isGiven || clearSchema { mask.paths.append("schema") }
      if fields.retention != nil { mask.paths.append("retention") }
      if fields.deadLetterRetention != nil { mask.paths.append("dead_letter_retention") }
      return mask
    }

    /// Completes the schema of an update with what the event has. It is written as a whole: the etag
    /// refuses the update if somebody else has changed the event in between.
    ///
    /// - Returns: the schema that the event has.
    private func schema(
      _ client: GatewayClient, _ event: inout Event
    ) async throws -> PayloadSchema? {
      var request = GetEventRequest()
      request.event = event.event
      let current = try await client.call("EventService/GetEvent", request, as: Event.self)
      event.schema = try fields.schema.updated(current.schema)
      event.stamp.etag = current.stamp.etag
      return current.schema
    }
  }

  struct Delete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Deletes an event.")
    @Argument(help: "The event's name.") var name: String
    @Flag(help: "Deletes its subscriptions as well.") var force = false
    @OptionGroup var options: GatewayOptions

    func run() async throws {
      var request = DeleteEventRequest()
      request.event = name
      request.force = force
      try await options.run { client in
        let done = try await client.call("EventService/DeleteEvent", request, as: Empty.self)
        options.report("deleted event \(name)", done)
      }
    }
  }
}
