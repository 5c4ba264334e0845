internal import CEventProtos
package import EventCore

extension GRPCTarget: WireMessage {
  package static let coding = MessageCoding<GRPCTarget>(dispatch__events__v1__grpc_target__init) {
    $2.string(&$0.address, &$1.address)
    $2.bool(&$0.usesTLS, &$1.tls)
    $2.string(&$0.serverName, &$1.server_name)
    $2.string(&$0.authorities, &$1.ca_certificates)
    $2.pairs(
      &$0.metadata, &$1.n_metadata, &$1.metadata,
      dispatch__events__v1__grpc_target__metadata_entry__init)
  }
}
