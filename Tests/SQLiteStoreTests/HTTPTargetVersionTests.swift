import EventCore
import Testing

@testable import SQLiteStore

/// A database as the program left it whose HTTP functions had a URL and headers only.
@Suite struct HTTPTargetVersionTests {
  @Test func `an HTTP function gets the defaults of the fields that are new`() async throws {
    let directory = try TemporaryDirectory()
    let connection = try Connection(path: directory.databasePath, .readWrite)
    let before = try #require(Schema.steps.firstIndex(of: Schema.httpTargets))
    try Migration.run(on: connection, Array(Schema.steps.prefix(before)))
    try connection.execute(Self.definitions)
    let store = try directory.open()
    guard
      case .function(let http)? = try await store.definition(.init(.function, "h"), in: .default),
      case .function(let process)? = try await store.definition(
        .init(.function, "p"), in: .default)
    else { return #expect(Bool(false), "a function is missing") }
    var target = HTTPTarget()
    target.url = "http://host/"
    target.headers = ["x-key": "1"]
    #expect(http.target == .http(target))
    var command = ProcessTarget()
    command.command = "/bin/true"
    #expect(process.target == .process(command))
    await store.close()
  }

  private static let rest = """
    "flow":{"maxConcurrency":64},"metadata":{},"stamp":{"createTime":1,"revision":1,\
    "uid":"00000000-0000-0000-0000-000000000001","updateTime":1}
    """

  private static let definitions = """
    INSERT INTO definitions VALUES ('default', 'function', 'h',
      '{"functionID":"h","target":{"http":{"_0":{"headers":{"x-key":"1"},"url":"http://host/"}}},\
    \(rest)}', x'');
    INSERT INTO definitions VALUES ('default', 'function', 'p',
      '{"functionID":"p","target":{"process":{"_0":{"arguments":[],"command":"/bin/true",\
    "environment":{}}}},\(rest)}', x'');

    """
}
