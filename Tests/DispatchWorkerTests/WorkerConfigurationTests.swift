import Testing

@testable import DispatchWorker

struct WorkerConfigurationTests {
  @Test(arguments: [0, 1, 1_000, 1_001])
  func `concurrency has a bound`(concurrency: Int) {
    var configuration = Worker.Configuration(address: "127.0.0.1:1")
    configuration.concurrency = concurrency
    let isAllowed = (1...1_000).contains(concurrency)
    let worker = try? Worker(configuration, functions: ["f": { _ in nil }])
    #expect((worker != nil) == isAllowed)
  }

  @Test(arguments: [0, 1, 256, 257])
  func `a worker has a bounded number of functions`(count: Int) {
    let function: Worker.Function = { _ in nil }
    let functions = Dictionary(uniqueKeysWithValues: (0..<count).map { ("f\($0)", function) })
    let worker = try? Worker(Worker.Configuration(address: "127.0.0.1:1"), functions: functions)
    #expect((worker != nil) == (1...256).contains(count))
  }

  @Test(arguments: ["", "nowhere", "host:", "host:99999", ":7070"])
  func `what is no address is refused`(address: String) {
    #expect(throws: WorkerError.self) {
      _ = try Worker(Worker.Configuration(address: address), functions: ["f": { _ in nil }])
    }
  }

  @Test(arguments: [["a.pem", nil], [nil, "a.key"], ["/nowhere.pem", "/nowhere.key"]])
  func `TLS files that can't be used are refused`(files: [String?]) {
    var configuration = Worker.Configuration(address: "127.0.0.1:1")
    configuration.tls = Worker.TLS()
    configuration.tls?.certificate = files[0]
    configuration.tls?.key = files[1]
    #expect(throws: WorkerError.self) {
      _ = try Worker(configuration, functions: ["f": { _ in nil }])
    }
  }
}
