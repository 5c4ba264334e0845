import EventCore
import Foundation
import Testing

@testable import Runtimes

struct CloudEventDocumentTests {
  @Test func `attributes and data are one document`() throws {
    let document = text(
      #"{"a": [1.50, "é"], "b": null}"#, metadata: ["tenant": "7", "Key": "v\n"], source: "/shop")
    let attributes =
      #""specversion":"1.0","id":"\#(trigger)","source":"/shop","type":"order.created","#
      + #""time":"2023-11-14T22:13:20.123Z","datacontenttype":"application/json","tenant":"7","#
      + #""dispatchsubscription":"s","dispatchattempt":"3","#
    let metadata = #""metadata":"{\"Key\":\"v\\u000a\",\"tenant\":\"7\"}","#
    #expect(document == "{\(attributes)\(metadata)" + #""data":{"a":[1.50,"é"],"b":null}}"#)
  }

  @Test(arguments: [
    ("", "application/json", nil), ("12345678901234567890.0e1", "", "12345678901234567890.0e1"),
    ("\"x\"", "text/json; charset=utf-8", "\"x\""), ("[\n1 ]\n", "application/x+json", "[1]"),
    ("a\u{0}\r\n\"", "text/plain", "\"a\\u0000\\u000d\\u000a\\\"\""), ("é", "text/html", "\"é\""),
  ])
  func `JSON is a value and text a string`(payload: String, type: String, data: String?) {
    let document = text(payload, type)
    #expect(document.hasSuffix(data.map { ",\"data\":\($0)}" } ?? "\"3\"}"))
    #expect(!document.contains("data_base64"))
  }

  @Test(arguments: [
    (Array("{".utf8), "application/json"), (Array("{\"a\":1,\"a\":2}".utf8), ""),
    (Array("{}".utf8), "application/octet-stream"), ([0xFF, 0x41], "text/plain"),
    ([0xFF], "application/json"),
  ])
  func `what is neither is base64`(payload: [UInt8], type: String) throws {
    let document = text(bytes: payload, type)
    let base64 = Data(payload).base64EncodedString()
    #expect(document.hasSuffix(",\"data_base64\":\"\(base64)\"}"))
  }

  @Test func `every payload of a document is one line that JSON's parsers read`() throws {
    let all = String(decoding: 0...127, as: UTF8.self)
    let document = text(all, "text/plain", metadata: ["k": all])
    #expect(document.utf8.allSatisfy { $0 >= 0x20 })
    let parsed = try JSONSerialization.jsonObject(with: Data(document.utf8)) as? [String: Any]
    #expect(parsed?["data"] as? String == all)
    let metadata = try #require(parsed?["metadata"] as? String)
    let pairs = try JSONSerialization.jsonObject(with: Data(metadata.utf8)) as? [String: String]
    #expect(pairs == ["k": all])
  }

  @Test func `metadata under the gateway's own names is no attribute`() throws {
    let names = ["dispatchinvocation", "dispatchdeadline", "data", "metadata", "dispatchattempt"]
    let metadata = Dictionary(uniqueKeysWithValues: names.map { ($0, "mine") })
    let document = text("1", metadata: metadata)
    let parsed = try #require(
      try JSONSerialization.jsonObject(with: Data(document.utf8)) as? [String: Any])
    #expect(parsed["data"] as? Int == 1 && parsed["dispatchattempt"] as? String == "3")
    #expect(parsed["dispatchinvocation"] == nil && parsed["dispatchdeadline"] == nil)
  }

  private let trigger = AttemptRequest.sample(.process(ProcessTarget())).trigger.triggerID

  private func text(
    _ payload: String, _ type: String = "", metadata: [String: String] = [:], source: String = ""
  ) -> String {
    text(bytes: Array(payload.utf8), type, metadata: metadata, source: source)
  }

  private func text(
    bytes: [UInt8], _ type: String, metadata: [String: String] = [:], source: String = ""
  ) -> String {
    var attempt = AttemptRequest.sample(
      .process(ProcessTarget()), data: bytes, dataType: type, metadata: metadata, source: source)
    attempt.trigger.triggerID = trigger
    return String(decoding: CloudEventDocument(attempt).json, as: UTF8.self)
  }
}
