internal import CEventProtos
package import EventCore

extension HTTPTarget: WireMessage {
  package static let coding = MessageCoding<HTTPTarget>(dispatch__events__v1__http_target__init) {
    $2.string(&$0.url, &$1.url)
    $2.pairs(
      &$0.headers, &$1.n_headers, &$1.headers,
      dispatch__events__v1__http_target__headers_entry__init, "headers")
    $2.enumeration(&$0.contentMode, &$1.content_mode, "content_mode")
    $2.duration(&$0.connectTimeout, &$1.connect_timeout, "connect_timeout")
    $2.duration(&$0.responseTimeout, &$1.response_timeout, "response_timeout")
    $2.message(&$0.signing, &$1.signing, "signing")
    $2.string(&$0.caCertificates, &$1.ca_certificates)
  }
}
