"""The cases of doc/interop-test-descriptions.md of gRPC, with grpcio's client.

Each takes a channel; it raises if the server does not do what the case says.
"""

import grpc

from stubs import pb, services

SIZES = [31415, 9, 2653, 58979]
REQUEST_SIZES = [27182, 8, 1828, 45904]
SPECIAL = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"
INITIAL, TRAILING = "x-grpc-test-echo-initial", "x-grpc-test-echo-trailing-bin"


def payload(size):
    return pb.Payload(body=bytes(size))


def output_request(size, payload_size):
    return pb.StreamingOutputCallRequest(
        response_parameters=[pb.ResponseParameters(size=size)], payload=payload(payload_size))


def expect_status(code, call):
    try:
        call()
    except grpc.RpcError as error:
        assert error.code() is code, error
        return error
    raise AssertionError(f"OK instead of {code}")


def empty_unary(channel):
    assert services.TestServiceStub(channel).EmptyCall(pb.Empty()) == pb.Empty()


def large_unary(channel):
    request = pb.SimpleRequest(response_size=314159, payload=payload(271828))
    assert services.TestServiceStub(channel).UnaryCall(request).payload == payload(314159)


def client_compressed_unary(channel):
    stub = services.TestServiceStub(channel)
    for expected in (True, False):
        request = pb.SimpleRequest(
            response_size=314159, payload=payload(271828),
            expect_compressed=pb.BoolValue(value=expected))
        right, wrong = (
            (grpc.Compression.Gzip, None) if expected else (None, grpc.Compression.Gzip))
        expect_status(
            grpc.StatusCode.INVALID_ARGUMENT, lambda: stub.UnaryCall(request, compression=wrong))
        assert stub.UnaryCall(request, compression=right).payload == payload(314159)


def server_compressed_unary(channel):
    for compressed in (True, False):
        request = pb.SimpleRequest(
            response_size=314159, payload=payload(271828),
            response_compressed=pb.BoolValue(value=compressed))
        assert services.TestServiceStub(channel).UnaryCall(request).payload == payload(314159)


def client_streaming(channel):
    requests = (pb.StreamingInputCallRequest(payload=payload(size)) for size in REQUEST_SIZES)
    answer = services.TestServiceStub(channel).StreamingInputCall(requests)
    assert answer.aggregated_payload_size == 74922


def client_compressed_streaming(channel):
    stub = services.TestServiceStub(channel)
    request = pb.StreamingInputCallRequest(
        payload=payload(27182), expect_compressed=pb.BoolValue(value=True))
    expect_status(
        grpc.StatusCode.INVALID_ARGUMENT, lambda: stub.StreamingInputCall(iter([request])))
    answer = stub.StreamingInputCall(iter([request]), compression=grpc.Compression.Gzip)
    assert answer.aggregated_payload_size == 27182


def server_streaming(channel, compressed=(None, None, None, None)):
    request = pb.StreamingOutputCallRequest(response_parameters=[
        pb.ResponseParameters(size=size, compressed=flag and pb.BoolValue(value=flag == "yes"))
        for size, flag in zip(SIZES, compressed)])
    answers = services.TestServiceStub(channel).StreamingOutputCall(request)
    assert [len(answer.payload.body) for answer in answers] == SIZES


def server_compressed_streaming(channel):
    server_streaming(channel, ("yes", "no", "yes", "no"))


def ping_pong(channel):
    import queue
    requests = queue.Queue()
    answers = services.TestServiceStub(channel).FullDuplexCall(iter(requests.get, None))
    for size, request_size in zip(SIZES, REQUEST_SIZES):
        requests.put(output_request(size, request_size))
        assert len(next(answers).payload.body) == size
    requests.put(None)
    assert list(answers) == []


def empty_stream(channel):
    assert list(services.TestServiceStub(channel).FullDuplexCall(iter(()))) == []


def cancel_after_begin(channel):
    import threading
    never = threading.Event()
    call = services.TestServiceStub(channel).StreamingInputCall.future(
        iter(lambda: never.wait(30) and None, None))
    call.cancel()
    never.set()
    assert call.code() is grpc.StatusCode.CANCELLED


def cancel_after_first_response(channel):
    import queue
    requests = queue.Queue()
    requests.put(output_request(31415, 27182))
    call = services.TestServiceStub(channel).FullDuplexCall(iter(requests.get, None))
    next(call)
    call.cancel()
    requests.put(None)
    expect_status(grpc.StatusCode.CANCELLED, lambda: next(call))


def timeout_on_sleeping_server(channel):
    import queue
    requests = queue.Queue()
    requests.put(output_request(31415, 27182))
    call = services.TestServiceStub(channel).FullDuplexCall(
        iter(requests.get, None), timeout=0.001)
    error = expect_status(grpc.StatusCode.DEADLINE_EXCEEDED, lambda: list(call))
    requests.put(None)
    return error


def status_code_and_message(channel, message="test status message"):
    stub = services.TestServiceStub(channel)
    status = pb.EchoStatus(code=2, message=message)
    error = expect_status(
        grpc.StatusCode.UNKNOWN, lambda: stub.UnaryCall(pb.SimpleRequest(response_status=status)))
    assert error.details() == message
    requests = iter([pb.StreamingOutputCallRequest(response_status=status)])
    error = expect_status(
        grpc.StatusCode.UNKNOWN, lambda: list(stub.FullDuplexCall(requests)))
    assert error.details() == message


def special_status_message(channel):
    status_code_and_message(channel, SPECIAL)


def unimplemented_method(channel):
    expect_status(
        grpc.StatusCode.UNIMPLEMENTED,
        lambda: services.TestServiceStub(channel).UnimplementedCall(pb.Empty()))


def unimplemented_service(channel):
    expect_status(
        grpc.StatusCode.UNIMPLEMENTED,
        lambda: services.UnimplementedServiceStub(channel).UnimplementedCall(pb.Empty()))


def custom_metadata(channel):
    stub = services.TestServiceStub(channel)
    metadata = [(INITIAL, "test_initial_metadata_value"), (TRAILING, b"\xab\xab\xab")]
    request = pb.SimpleRequest(response_size=314159, payload=payload(271828))
    _, unary = stub.UnaryCall.with_call(request, metadata=metadata)
    stream = stub.FullDuplexCall(iter([output_request(314159, 271828)]), metadata=metadata)
    list(stream)
    for call in (unary, stream):
        assert dict(call.initial_metadata())[INITIAL] == "test_initial_metadata_value"
        assert dict(call.trailing_metadata())[TRAILING] == b"\xab\xab\xab"


ALL = [
    empty_unary, large_unary, client_compressed_unary, server_compressed_unary, client_streaming,
    client_compressed_streaming, server_streaming, server_compressed_streaming, ping_pong,
    empty_stream, cancel_after_begin, cancel_after_first_response, timeout_on_sleeping_server,
    status_code_and_message, special_status_message, unimplemented_method, unimplemented_service,
    custom_metadata]
