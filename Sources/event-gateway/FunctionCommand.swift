import ArgumentParser
import EventCore
import EventGateway
import Messages

struct FunctionCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "function", abstract: "Registers functions.",
    subcommands: [Create.self, Get.self, List.self, Update.self, Delete.self])

  /// The fields that create and update have in common.
  struct Fields: ParsableArguments {
    @Argument(help: "The function's id.")
    var id: String

    @OptionGroup var http: HTTPTargetOptions
    @OptionGroup var grpc: GRPCTargetOptions
    @OptionGroup var process: ProcessTargetOptions
    @OptionGroup var worker: WorkerTargetOptions

    @OptionGroup(title: "Flow control") var flow: FlowOptions

    @Option(help: ArgumentHelp("Your own data; may be repeated.", valueName: "key=value"))
    var metadata: [Pair] = []

    func validate() throws {
      if targetFields.count > 1 {
        throw ValidationError("of --url, --grpc, --command and --worker only one can be given")
      }
    }

    /// The fields of the targets that are given.
    var targetFields: [String] {
      [
        ("http", http.isGiven), ("grpc", grpc.isGiven), ("process", process.isGiven),
        ("worker", worker.isGiven),
      ]
      .compactMap { field, isGiven in isGiven ? field : nil }
    }

    func apply(to function: inout Function) throws {
      function.functionID = id
      function.target = try http.target() ?? grpc.target ?? process.target ?? worker.target
      flow.apply(to: &function.flow)
      if !metadata.isEmpty { function.metadata = metadata.dictionary }
    }

    var mask: FieldMask {
      var mask = FieldMask()
      mask.paths = targetFields
      mask.paths += flow.paths
      if !metadata.isEmpty { mask.paths.append("metadata") }
      return mask
    }
  }

  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Registers a function: --command, --url, --grpc or --worker says what it is.")
    @OptionGroup var fields: Fields
    @OptionGroup var options: GatewayOptions

    func validate() throws {
      guard !fields.targetFields.isEmpty else {
        throw ValidationError("one of --url, --grpc, --command and --worker is needed")
      }
    }

    func run() async throws {
      var request = CreateFunctionRequest()
      try fields.apply(to: &request.function)
      try await options.run { client in
        let function = try await client.call(
          "FunctionService/CreateFunction", request, as: Function.self)
        options.report("created function \(function.functionID)", function)
      }
    }
  }

  struct Get: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Shows a function.")
    @Argument(help: "The function's id.") var id: String
    @OptionGroup var options: GatewayOptions

    func run() async throws {
      var request = GetFunctionRequest()
      request.functionID = id
      try await options.run { client in
        options.show(
          try await client.call("FunctionService/GetFunction", request, as: Function.self))
      }
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lists all functions.")
    @OptionGroup var options: GatewayOptions

    func run() async throws {
      try await options.run { client in
        let functions = try await pages { token, size in
          var request = ListFunctionsRequest()
          (request.page.token, request.page.size) = (token, size)
          let page = try await client.call(
            "FunctionService/ListFunctions", request, as: ListFunctionsResponse.self)
          return (page.functions, page.nextPageToken)
        }
        options.show(
          functions,
          columns: [
            Column("FUNCTION", "functionId"), Column("URL", "http", "url"),
            Column("GRPC", "grpc", "address"), Column("COMMAND", "process", "command"),
            Column("CIRCUIT", "circuit", "state"),
          ])
      }
    }
  }

  struct Update: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Changes a function: the fields that are given.")
    @OptionGroup var fields: Fields
    @OptionGroup var options: GatewayOptions

    func run() async throws {
      var request = UpdateFunctionRequest()
      try fields.apply(to: &request.function)
      request.updateMask = fields.mask
      try fields.mask.checkNamesSomething()
      try await options.run { client in
        let function = try await client.call(
          "FunctionService/UpdateFunction", request, as: Function.self)
        options.report("updated function \(function.functionID)", function)
      }
    }
  }

  struct Delete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Deletes a function.")
    @Argument(help: "The function's id.") var id: String
    @Flag(help: "Deletes the subscriptions that run it as well.") var force = false
    @OptionGroup var options: GatewayOptions

    func run() async throws {
      var request = DeleteFunctionRequest()
      request.functionID = id
      request.force = force
      try await options.run { client in
        let done = try await client.call("FunctionService/DeleteFunction", request, as: Empty.self)
        options.report("deleted function \(id)", done)
      }
    }
  }
}
