internal import CEventProtos
internal import Encodings
package import EventCore

extension HTTPTarget.Signing: WireMessage {
  /// Secrets come from clients only and go to nobody; their ids go to clients, and from there are
  /// ignored.
  package static let coding = MessageCoding<HTTPTarget.Signing>(
    dispatch__events__v1__http_target__signing__init
  ) {
    if $2.isFromClient {
      var texts = $0.secrets.map(\.text)
      $2.strings(&texts, &$1.n_secrets, &$1.secrets)
      $0.secrets = texts.map(SigningSecret.init)
    } else {
      if !$0.secrets.isEmpty { $0.secretIDs = $0.secrets.map(\.id) }
      $2.strings(&$0.secretIDs, &$1.n_secret_ids, &$1.secret_ids)
    }
  }
}

extension SigningSecret {
  /// Tells it from others and does not give it away.
  fileprivate var id: String {
    Hexadecimal.text(SHA256.digest(Array(text.utf8)).prefix(4))
  }
}
