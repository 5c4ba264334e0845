"""Compressed requests, as grpcio sends them."""

import grpc
import pytest

from harness.contract import pb, services

TEXT = b'{"text": "' + b"the same words again, " * 2_000 + b'"}'


@pytest.mark.parametrize("compression", [grpc.Compression.Gzip, grpc.Compression.Deflate])
def test_grpcio_may_compress(client, gateway, organization, compression):
    client.define("e")
    channel = grpc.insecure_channel(gateway.address, compression=compression)
    stub = services.TriggerServiceStub(channel)
    metadata = [("x-dispatch-org", organization)]
    trigger_id = stub.EmitEvent(
        pb.EmitEventRequest(event="e", data=TEXT), metadata=metadata).trigger_id
    assert client.get_trigger(trigger_id).data == TEXT
    requests = [pb.EmitEventsRequest(sequence=n, emit=pb.EmitEventRequest(event="e", data=TEXT))
                for n in (1, 2, 3)]
    answers = list(stub.EmitEvents(iter(requests), metadata=metadata))
    assert sorted(a.sequence for a in answers) == [1, 2, 3]
    assert all(a.HasField("accepted") for a in answers)
    channel.close()

