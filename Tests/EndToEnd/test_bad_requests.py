"""Requests that are refused: each with its code, its reason, and the field that is wrong."""

import grpc
import pytest

from harness.contract import pb
from harness.refusal import Refusal, refused

ILL_FORMED_NAMES = [
    "", "x" * 129, "Order", ".order", "order.", "order..created", "-order", "order created",
    "order/created", "bestellung.erzeugt.ö", "order.*",
]


def test_an_unknown_method_is_unimplemented(client):
    call = client.channel.unary_unary("/dispatch.events.v1.EventService/PaintEvent")
    with pytest.raises(grpc.RpcError) as error:
        call(b"", timeout=10)
    assert error.value.code() == grpc.StatusCode.UNIMPLEMENTED


def test_an_unknown_service_is_unimplemented(client):
    call = client.channel.unary_unary("/dispatch.events.v1.PaintService/Paint")
    with pytest.raises(grpc.RpcError) as error:
        call(b"", timeout=10)
    assert error.value.code() == grpc.StatusCode.UNIMPLEMENTED


def test_an_unknown_event_is_not_found(client):
    with refused("NOT_FOUND", "EVENT_NOT_FOUND") as refusals:
        client.get_event("nope")
    assert refusals[0].resource == ("Event", "nope")
    with refused("NOT_FOUND", "EVENT_NOT_FOUND"):
        client.events.DeleteEvent(pb.DeleteEventRequest(event="nope"))
    with refused("NOT_FOUND", "EVENT_NOT_FOUND"):
        client.emit("nope")


def test_an_unknown_subscription_is_not_found(client):
    with refused("NOT_FOUND", "SUBSCRIPTION_NOT_FOUND") as refusals:
        client.get_subscription("nope")
    assert refusals[0].resource == ("Subscription", "nope")
    with refused("NOT_FOUND", "SUBSCRIPTION_NOT_FOUND"):
        client.update_subscription(pb.Subscription(subscription_id="nope", metadata={"a": "b"}))
    with refused("NOT_FOUND", "SUBSCRIPTION_NOT_FOUND"):
        client.subscriptions.DeleteSubscription(
            pb.DeleteSubscriptionRequest(subscription_id="nope"))


def test_an_unknown_function_is_not_found(client):
    with refused("NOT_FOUND", "FUNCTION_NOT_FOUND") as refusals:
        client.get_function("nope")
    assert refusals[0].resource == ("Function", "nope")
    with refused("NOT_FOUND", "FUNCTION_NOT_FOUND"):
        client.update_function(pb.Function(function_id="nope", metadata={"a": "b"}))
    with refused("NOT_FOUND", "FUNCTION_NOT_FOUND"):
        client.functions.DeleteFunction(pb.DeleteFunctionRequest(function_id="nope"))


def test_a_second_create_of_an_event_already_exists(client):
    client.define("order.created")
    with refused("ALREADY_EXISTS", "RESOURCE_EXISTS") as refusals:
        client.define("order.created")
    assert refusals[0].resource == ("Event", "order.created")


def test_a_second_create_of_a_function_already_exists(client):
    client.http_function("f", "http://mail.test")
    with refused("ALREADY_EXISTS", "RESOURCE_EXISTS") as refusals:
        client.http_function("f", "http://mail.test")
    assert refusals[0].resource == ("Function", "f")


def test_a_second_create_of_a_subscription_already_exists(client):
    client.define("order.created")
    client.http_function("f", "http://mail.test")
    client.subscribe("order.created", "f", "s")
    with refused("ALREADY_EXISTS", "RESOURCE_EXISTS") as refusals:
        client.subscribe("order.created", "f", "s")
    assert refusals[0].resource == ("Subscription", "s")


@pytest.mark.parametrize("name", ILL_FORMED_NAMES)
def test_an_ill_formed_event_name_is_refused(client, name):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="event.event"):
        client.define(name)


@pytest.mark.parametrize("name", ILL_FORMED_NAMES)
def test_triggering_an_ill_formed_event_name_is_refused(client, name):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="event"):
        client.emit(name)


@pytest.mark.parametrize("name", ["", "x" * 129, "Mail", ".mail", "mail me", "mäil"])
def test_an_ill_formed_function_id_is_refused(client, name):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="function.function_id"):
        client.http_function(name, "http://mail.test")


@pytest.mark.parametrize("name", ["x" * 129, "Mail", ".mail", "mail me", "mäil"])
def test_an_ill_formed_subscription_id_is_refused(client, name):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="subscription.subscription_id"):
        client.subscribe("order.created", "f", name)


@pytest.mark.parametrize("method, request_message, field", [
    ("GetEvent", pb.GetEventRequest(), "event"),
    ("DeleteEvent", pb.DeleteEventRequest(), "event"),
    ("UpdateEvent", pb.UpdateEventRequest(), "event.event"),
    ("CreateEvent", pb.CreateEventRequest(), "event.event"),
])
def test_an_absent_name_is_refused_by_every_method(client, method, request_message, field):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field=field):
        getattr(client.events, method)(request_message)


def test_every_wrong_field_is_named_at_once(client):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID") as refusals:
        client.define("No Name", data_type="no type", metadata={"k": "x" * 1025})
    assert {"event.event", "event.data_type", "event.metadata[k]"} <= set(refusals[0].fields)


@pytest.mark.parametrize("metadata, field", [
    ({f"k{number}": "" for number in range(65)}, "event.metadata"),
    ({f"k{number:02}": "x" * 1000 for number in range(17)}, "event.metadata"),
    ({"": "x"}, "event.metadata"),
    ({"k" * 129: "x"}, f"event.metadata[{'k' * 32}] key"),
    ({"k": "x" * 1025}, "event.metadata[k]"),
])
def test_too_much_metadata_is_refused(client, metadata, field):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field=field):
        client.define("order.created", metadata=metadata)


@pytest.mark.parametrize("metadata", [
    {f"k{number}": "" for number in range(64)},
    {f"k{number:02}": "x" * 1021 for number in range(16)},
    {"k" * 128: "x" * 1024},
])
def test_metadata_up_to_its_limits_is_taken(client, metadata):
    assert client.define("order.created", metadata=metadata).metadata == metadata


@pytest.mark.parametrize("service, method, request_type", [
    ("events", "ListEvents", pb.ListEventsRequest),
    ("subscriptions", "ListSubscriptions", pb.ListSubscriptionsRequest),
    ("functions", "ListFunctions", pb.ListFunctionsRequest),
    ("triggers", "ListTriggers", pb.ListTriggersRequest),
    ("triggers", "ListInvocations", pb.ListInvocationsRequest),
])
class TestPages:
    def test_a_page_size_below_zero_is_refused(self, client, service, method, request_type):
        with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="page_size"):
            getattr(getattr(client, service), method)(request_type(page_size=-1))

    @pytest.mark.parametrize("token", ["garbled", "AAAA", "ä", "x" * 5000])
    def test_a_garbled_page_token_is_refused(self, client, service, method, request_type, token):
        with refused("INVALID_ARGUMENT", "PAGE_TOKEN_INVALID", field="page_token"):
            getattr(getattr(client, service), method)(request_type(page_token=token))


@pytest.mark.parametrize("data_type", ["json", "a/b/c", "/json", "text/", "text/pläin", "a b/c"])
def test_an_ill_formed_mime_type_is_refused(client, data_type):
    client.define("order.created")
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="data_type"):
        client.emit("order.created", b"x", data_type=data_type)
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="event.data_type"):
        client.define("order.paid", data_type=data_type)


@pytest.mark.parametrize("field, value", [
    ("source", "x" * 513), ("source", "a\nb"), ("request_id", "x" * 129), ("request_id", "a\tb"),
])
def test_an_ill_formed_source_or_request_id_is_refused(client, field, value):
    client.define("order.created")
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field=field):
        client.emit("order.created", b"x", **{field: value})


def test_a_payload_over_its_limit_is_refused_by_its_field(client):
    client.define("order.created")
    client.emit("order.created", bytes(1 << 20))
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="data"):
        client.emit("order.created", bytes((1 << 20) + 1))
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="data"):
        client.run("order.created", bytes((1 << 20) + 1))


def test_a_default_payload_over_its_limit_is_refused_by_its_field(client):
    client.define("order.created", data=bytes(64 << 10))
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="event.data"):
        client.define("order.paid", data=bytes((64 << 10) + 1))


def test_a_message_over_its_limit_exhausts_resources_and_the_connection_goes_on(client):
    client.define("order.created")
    with pytest.raises(grpc.RpcError) as error:
        client.emit("order.created", bytes(5 << 20))
    assert Refusal.of(error.value).code == "RESOURCE_EXHAUSTED"
    client.emit("order.created", b"x")


@pytest.mark.parametrize("field, fields", [
    ("subscription.batch", {"batch": pb.Batch(max_count=2)}),
])
def test_what_this_version_does_not_serve_is_refused_rather_than_ignored(client, field, fields):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field=field):
        client.subscriptions.CreateSubscription(pb.CreateSubscriptionRequest(
            subscription=pb.Subscription(event="order.created", function_id="f", **fields)))


def test_an_unknown_state_in_a_filter_is_refused(client):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="states"):
        client.invocations(states=[99])
