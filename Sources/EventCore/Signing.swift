internal import Encodings

extension HTTPTarget {
  /// How requests are signed: Standard Webhooks 1.0.
  ///
  /// See https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md.
  package struct Signing: Hashable, Codable, Sendable {
    /// One, or two while the first is being replaced; empty in an update that keeps those there are.
    package var secrets: [SigningSecret] = []
    /// What tells secrets apart for those who may not see them; a client's, as the gateway derives it.
    package var secretIDs: [String] = []

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case secrets
    }

    package init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      secrets = try values.decode([SigningSecret].self, forKey: .secrets)
    }

    func check(_ check: inout FieldCheck, _ path: String) {
      let field = "\(path).secrets"
      if !(1...Limits.signingSecretsMax).contains(secrets.count) {
        check.add(field, "has \(secrets.count) entries; it must have 1 or 2")
      }
      for (index, secret) in secrets.enumerated() {
        check.add("\(field)[\(index)]", secret.problem)
      }
    }
  }
}

/// A key that requests are signed with: `whsec_` and the base64 of its bytes. What prints it shows
/// nothing of it.
package struct SigningSecret: Hashable, Sendable {
  package let text: String

  package init(_ text: String) {
    self.text = text
  }

  /// Nil if the text is ill-formed. Base64 as encoders write it, with padding: who verifies may have
  /// a strict decoder.
  package var bytes: [UInt8]? {
    guard text.hasPrefix(Self.prefix) else { return nil }
    let encoded = text.utf8.dropFirst(Self.prefix.utf8.count)
    guard let bytes = Base64.decode(encoded),
      Base64.encode(bytes, isPadded: true).elementsEqual(encoded)
    else { return nil }
    return bytes
  }

  var problem: String? {
    let sizes = Limits.signingSecretBytes
    guard let bytes, sizes.contains(bytes.count) else {
      return "must be '\(Self.prefix)' and the base64 of \(sizes.lowerBound) to"
        + " \(sizes.upperBound) bytes"
    }
    return nil
  }

  private static let prefix = "whsec_"
}

extension SigningSecret: Codable {
  package init(from decoder: any Decoder) throws {
    text = try decoder.singleValueContainer().decode(String.self)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}

extension SigningSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { "(secret)" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: []) }
}

extension Function {
  /// An update without secrets keeps those of the function that it changes.
  package func keepingSecrets(of old: Function) -> Function {
    guard case .http(var target) = target, target.signing?.secrets.isEmpty == true,
      case .http(let known) = old.target, let signing = known.signing
    else { return self }
    target.signing = signing
    var kept = self
    kept.target = .http(target)
    return kept
  }
}
