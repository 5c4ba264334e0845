/// What a function gives back, besides what it wrote.
public struct FunctionOutput: Hashable, Sendable {
  /// Added to what the function wrote. The gateway keeps 256 KiB of both.
  public var data: [UInt8]

  /// The MIME type of the whole.
  public var dataType: String

  public init(_ data: [UInt8], dataType: String = "application/octet-stream") {
    self.data = data
    self.dataType = dataType
  }

  public static func text(_ text: String) -> FunctionOutput {
    FunctionOutput(Array(text.utf8), dataType: "text/plain; charset=utf-8")
  }

  /// - Parameter text: a JSON document.
  public static func json(_ text: String) -> FunctionOutput {
    FunctionOutput(Array(text.utf8), dataType: "application/json")
  }
}
