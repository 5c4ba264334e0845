"""grpcio's side as a server: grpc.testing.TestService for our client."""

import time
from concurrent import futures

import grpc

from stubs import pb, services

INITIAL, TRAILING = "x-grpc-test-echo-initial", "x-grpc-test-echo-trailing-bin"


class TestService(services.TestServiceServicer):
    def EmptyCall(self, request, context):
        return pb.Empty()

    def UnaryCall(self, request, context):
        _echo_metadata(context)
        _fail(request.response_status, context)
        if request.response_compressed.value:
            context.set_compression(grpc.Compression.Gzip)
        return pb.SimpleResponse(payload=pb.Payload(body=bytes(request.response_size)))

    def StreamingInputCall(self, requests, context):
        total = sum(len(request.payload.body) for request in requests)
        return pb.StreamingInputCallResponse(aggregated_payload_size=total)

    def StreamingOutputCall(self, request, context):
        yield from _outputs(request, context)

    def FullDuplexCall(self, requests, context):
        _echo_metadata(context)
        for request in requests:
            _fail(request.response_status, context)
            yield from _outputs(request, context)


def _outputs(request, context):
    if any(parameters.compressed.value for parameters in request.response_parameters):
        context.set_compression(grpc.Compression.Gzip)
    for parameters in request.response_parameters:
        time.sleep(parameters.interval_us / 1e6)
        yield pb.StreamingOutputCallResponse(payload=pb.Payload(body=bytes(parameters.size)))


def _echo_metadata(context):
    metadata = dict(context.invocation_metadata())
    if INITIAL in metadata:
        context.send_initial_metadata([(INITIAL, metadata[INITIAL])])
    if TRAILING in metadata:
        context.set_trailing_metadata([(TRAILING, metadata[TRAILING])])


def _fail(status, context):
    if status.code:
        code = next(code for code in grpc.StatusCode if code.value[0] == status.code)
        context.abort(code, status.message)


def serve(credentials=None):
    """A server on a free port, and its address."""
    server = grpc.server(futures.ThreadPoolExecutor(8))
    services.add_TestServiceServicer_to_server(TestService(), server)
    address = "127.0.0.1:0"
    port = (
        server.add_secure_port(address, credentials) if credentials
        else server.add_insecure_port(address))
    server.start()
    return server, f"127.0.0.1:{port}"
