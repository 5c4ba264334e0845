"""The standard health service."""

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from harness.progress import LiveProgress
from harness.waiting import eventually

Request = health_pb2.HealthCheckRequest
Status = health_pb2.HealthCheckResponse


@pytest.fixture
def health(client):
    return health_pb2_grpc.HealthStub(client.channel)


@pytest.mark.parametrize("service", [
    "", "dispatch.events.v1.EventService", "dispatch.events.v1.SubscriptionService",
    "dispatch.events.v1.FunctionService", "dispatch.events.v1.TriggerService",
])
def test_the_gateway_and_its_services_are_serving(health, service):
    assert health.Check(Request(service=service), timeout=10).status == Status.SERVING


def test_an_unknown_service_is_not_found(health):
    with pytest.raises(grpc.RpcError) as error:
        health.Check(Request(service="nope"), timeout=10)
    assert error.value.code() == grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize("service, status", [
    ("", Status.SERVING), ("dispatch.events.v1.TriggerService", Status.SERVING),
    ("nope", Status.SERVICE_UNKNOWN),
])
def test_a_watch_starts_with_the_present_status(health, service, status):
    watch = health.Watch(Request(service=service), timeout=10)
    assert next(watch).status == status
    watch.cancel()


def test_a_watch_ends_when_the_gateway_goes(start_gateway, connect):
    gateway = start_gateway(options=["--drain-seconds", "2"])
    stub = health_pb2_grpc.HealthStub(connect(gateway).channel)
    watch = LiveProgress(stub.Watch(Request(), timeout=30))
    eventually(lambda: watch.updates)

    assert gateway.terminate() == 0
    statuses = [update.status for update in watch.end().updates]

    assert statuses == [Status.SERVING, Status.NOT_SERVING]
