internal import CEventProtos
package import EventCore

extension HTTPTarget: WireMessage {
  package static let coding = MessageCoding<HTTPTarget>(dispatch__events__v1__http_target__init) {
    $2.string(&$0.url, &$1.url)
    $2.pairs(
      &$0.headers, &$1.n_headers, &$1.headers,
      dispatch__events__v1__http_target__headers_entry__init, "headers")
    $2.unserved($1.content_mode.rawValue != 0, "content_mode")
    $2.unserved($1.connect_timeout != nil, "connect_timeout")
    $2.unserved($1.response_timeout != nil, "response_timeout")
    $2.unserved($1.signing != nil, "signing")
  }
}
