"""EmitEvent, and what a trigger gets from its event."""

import pytest

from harness.contract import pb
from harness.refusal import refused
from harness.waiting import eventually


@pytest.fixture
def mail(client, functions):
    """An HTTP function that is subscribed to `order.created`, which is defined by the test."""
    client.http_function("mail", functions.function("/mail"))
    return lambda: client.subscribe("order.created", "mail", "mail")


def test_emit_answers_once_the_trigger_is_stored_and_the_functions_run(client, functions, mail):
    client.define("order.created")
    mail()

    answer = client.emit("order.created", b"payload", data_type="text/plain")

    assert answer.invocation_count == 1
    assert not answer.duplicate
    assert answer.received_at.seconds > 0
    assert functions.wait_for("/mail")[0].body == b"payload"
    assert client.finished(answer.trigger_id).state == pb.Trigger.STATE_SUCCEEDED


def test_a_trigger_is_given_back_as_it_came(client):
    client.define("order.created")

    answer = client.emit(
        "order.created", bytes(range(256)), data_type="application/octet-stream",
        metadata={"a": "b", "ключ": "значение"}, source="/shop/köln", request_id="r-1")
    trigger = client.get_trigger(answer.trigger_id)

    assert trigger.trigger_id == answer.trigger_id
    assert trigger.event == "order.created"
    assert trigger.data == bytes(range(256))
    assert trigger.data_type == "application/octet-stream"
    assert trigger.metadata == {"a": "b", "ключ": "значение"}
    assert trigger.source == "/shop/köln"
    assert trigger.request_id == "r-1"
    assert trigger.received_at == answer.received_at
    assert trigger.event_revision == 1


def test_a_trigger_without_a_payload_gets_the_events(client, functions, mail):
    client.define("order.created", data=b"<order/>", data_type="application/xml")
    mail()

    trigger_id = client.emit("order.created").trigger_id

    request = functions.wait_for("/mail")[0]
    assert request.body == b"<order/>"
    assert request.headers["content-type"] == "application/xml"
    trigger = client.get_trigger(trigger_id)
    assert (trigger.data, trigger.data_type) == (b"<order/>", "application/xml")


def test_a_repeated_request_is_the_same_trigger_although_the_defaults_have_changed(client):
    client.define("order.created", data=b"1")
    first = client.emit("order.created", request_id="r-1")
    client.events.UpdateEvent(pb.UpdateEventRequest(
        event=pb.Event(event="order.created", data=b"2", data_type="text/plain")))

    again = client.emit("order.created", request_id="r-1")

    assert (again.trigger_id, again.duplicate) == (first.trigger_id, True)


def test_a_trigger_without_a_type_gets_the_events(client, functions, mail):
    client.define("order.created", data_type="application/xml")
    mail()

    client.emit("order.created", b"<mine/>")

    request = functions.wait_for("/mail")[0]
    assert (request.body, request.headers["content-type"]) == (b"<mine/>", "application/xml")


def test_the_type_is_json_if_neither_the_event_nor_the_trigger_says_one(client, functions, mail):
    client.define("order.created")
    mail()

    trigger_id = client.emit("order.created", b"{}").trigger_id

    assert functions.wait_for("/mail")[0].headers["content-type"] == "application/json"
    assert client.get_trigger(trigger_id).data_type == "application/json"


def test_a_triggers_own_payload_and_type_win(client, functions, mail):
    client.define("order.created", data=b"<order/>", data_type="application/xml")
    mail()

    client.emit("order.created", b"text", data_type="text/plain; charset=utf-8")

    request = functions.wait_for("/mail")[0]
    assert request.body == b"text"
    assert request.headers["content-type"] == "text/plain; charset=utf-8"


def test_received_at_moves_forward_and_touches_nothing_else(client):
    before = client.define("order.created")
    first = client.emit("order.created").received_at

    def moved(to):
        event = client.get_event("order.created")
        return event if event.HasField("received_at") and event.received_at == to else None

    event = eventually(lambda: moved(first), within=3)
    assert (event.etag, event.revision) == (before.etag, before.revision)
    assert event.update_time == before.update_time
    second = client.emit("order.created").received_at
    eventually(lambda: moved(second), within=3)
    assert second.ToNanoseconds() > first.ToNanoseconds()
    listed = client.events.ListEvents(pb.ListEventsRequest()).events
    assert listed[0].received_at == second


def test_a_trigger_breaks_nobodys_update(client):
    etag = client.define("order.created").etag
    client.emit("order.created")

    changed = client.update_event(pb.Event(event="order.created", etag=etag, data=b"x"))

    assert changed.revision == 2


def test_a_request_id_that_comes_again_is_the_same_trigger(client, functions, mail):
    client.define("order.created")
    mail()

    first = client.emit("order.created", b"x", request_id="r-1")
    client.finished(first.trigger_id)
    again = client.emit("order.created", b"x", request_id="r-1")

    assert (first.duplicate, again.duplicate) == (False, True)
    assert again.trigger_id == first.trigger_id
    assert again.received_at == first.received_at
    assert len(functions.received("/mail")) == 1


@pytest.mark.parametrize("other", [
    {"data": b"y"}, {"data": b"x", "source": "/other"}, {"data": b"x", "metadata": {"a": "b"}},
])
def test_a_request_id_that_came_with_another_request_is_refused(client, other):
    client.define("order.created")
    client.emit("order.created", b"x", request_id="r-1")

    with refused("ALREADY_EXISTS", "EVENT_ID_CONFLICT"):
        client.emit("order.created", request_id="r-1", **other)


def test_request_ids_of_different_organizations_are_apart(client, gateway, connect):
    client.define("order.created")
    other = connect(gateway, client.organization + "-other")
    other.define("order.created")

    first = client.emit("order.created", b"x", request_id="r-1")
    second = other.emit("order.created", b"y", request_id="r-1")

    assert first.trigger_id != second.trigger_id
    with refused("NOT_FOUND", "TRIGGER_NOT_FOUND"):
        other.get_trigger(first.trigger_id)


def test_membership_is_the_snapshot_at_acceptance(client, functions, mail):
    client.define("order.created")
    before = client.emit("order.created", b"before")
    mail()
    after = client.emit("order.created", b"after")

    assert (before.invocation_count, after.invocation_count) == (0, 1)
    client.finished(after.trigger_id)
    assert [request.body for request in functions.received("/mail")] == [b"after"]


def test_triggers_of_a_deleted_event_stay_readable(client):
    client.define("order.created")
    trigger_id = client.emit("order.created", b"x").trigger_id
    client.events.DeleteEvent(pb.DeleteEventRequest(event="order.created"))

    assert client.get_trigger(trigger_id).data == b"x"
    with refused("NOT_FOUND", "EVENT_NOT_FOUND"):
        client.emit("order.created")


def test_a_payload_of_the_largest_size_is_delivered_unchanged(client, functions, mail):
    client.define("order.created")
    mail()
    payload = bytes(range(256)) * 4096

    client.emit("order.created", payload)

    assert functions.wait_for("/mail")[0].body == payload
