import Crypto
import Encodings
import EventCore

/// A request's signature by Standard Webhooks 1.0: HMAC-SHA256 over its id, its time and its body.
///
/// See https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md.
struct WebhookSignature {
  let headers: [(name: String, value: String)]

  /// - Parameters:
  ///   - id: the same for each attempt, so that the receiver can tell a repeat.
  ///   - secrets: that were checked. With two, the receiver may verify by either.
  init(of body: [UInt8], id: String, at time: Timestamp, by secrets: [SigningSecret]) {
    let seconds = String(time.nanoseconds / 1_000_000_000)
    let signatures = secrets.compactMap(\.bytes).map { key in
      var code = HMAC<Crypto.SHA256>(key: SymmetricKey(data: key))
      code.update(data: Array("\(id).\(seconds).".utf8))
      code.update(data: body)
      return "v1,"
        + String(decoding: Base64.encode(Array(code.finalize()), isPadded: true), as: UTF8.self)
    }
    headers = [
      ("webhook-id", id), ("webhook-timestamp", seconds),
      ("webhook-signature", signatures.joined(separator: " ")),
    ]
  }
}
