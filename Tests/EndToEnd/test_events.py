"""EventService: the five standard methods."""

import pytest

from harness.client import Client
from harness.contract import pb
from harness.refusal import refused


def test_an_event_is_given_back_as_it_was_created(client):
    created = client.define(
        "order.created", data=b'{"total": 1}', data_type="application/json",
        metadata={"team": "billing"})

    assert created.event == "order.created"
    assert created.data == b'{"total": 1}'
    assert created.data_type == "application/json"
    assert created.metadata == {"team": "billing"}
    assert created.revision == 1
    assert created.uid and created.etag
    assert created.create_time == created.update_time
    assert not created.HasField("received_at")
    assert client.get_event("order.created") == created


def test_output_only_fields_of_a_request_are_ignored(client):
    event = pb.Event(event="order.created", uid="mine", revision=7)
    created = client.events.CreateEvent(pb.CreateEventRequest(event=event))

    assert created.uid != "mine"
    assert created.revision == 1


def test_events_are_listed_page_by_page_in_the_order_of_their_names(client):
    names = [f"order.n{number:02}" for number in range(25)]
    for name in reversed(names):
        client.define(name)

    listed, sizes, token = [], [], ""
    while True:
        page = client.events.ListEvents(pb.ListEventsRequest(page_size=10, page_token=token))
        listed += [event.event for event in page.events]
        sizes.append(len(page.events))
        token = page.next_page_token
        if not token:
            break

    assert listed == names
    assert sizes == [10, 10, 5]


def test_a_page_that_is_exactly_full_is_the_last_one(client):
    for name in ("a", "b"):
        client.define(name)

    page = client.events.ListEvents(pb.ListEventsRequest(page_size=2))

    assert [event.event for event in page.events] == ["a", "b"]
    assert page.next_page_token == ""


def test_a_page_has_fifty_events_unless_asked_otherwise_and_a_thousand_at_most(client):
    for number in range(60):
        client.define(f"e{number:02}")

    default = client.events.ListEvents(pb.ListEventsRequest())
    large = client.events.ListEvents(pb.ListEventsRequest(page_size=5000))

    assert len(default.events) == 50 and default.next_page_token
    assert len(large.events) == 60 and not large.next_page_token


def test_a_page_of_large_events_fits_a_clients_message_limit(client):
    for number in range(70):
        client.define(f"large.n{number:02}", data=bytes(64 << 10))

    listed, token = [], ""
    while True:
        page = client.events.ListEvents(pb.ListEventsRequest(page_size=1000, page_token=token))
        listed += [event.event for event in page.events]
        token = page.next_page_token
        if not token:
            break

    assert listed == [f"large.n{number:02}" for number in range(70)]


def test_an_update_changes_the_fields_in_its_mask_and_no_others(client):
    created = client.define("order.created", data=b"old", data_type="text/plain")

    changed = client.update_event(
        pb.Event(event="order.created", data=b"new", data_type="text/html"), mask=["data"])

    assert changed.data == b"new"
    assert changed.data_type == "text/plain"
    assert changed.revision == 2
    assert changed.etag != created.etag
    assert changed.uid == created.uid
    assert changed.create_time == created.create_time
    assert client.get_event("order.created") == changed


def test_an_update_without_a_mask_changes_the_fields_that_are_set(client):
    client.define("order.created", data=b"old", metadata={"a": "1"})

    changed = client.update_event(pb.Event(event="order.created", data=b"new"))

    assert changed.data == b"new"
    assert changed.metadata == {"a": "1"}


def test_an_update_with_an_empty_mask_changes_the_fields_that_are_set(client):
    client.define("order.created", data=b"old", metadata={"a": "1"})

    changed = client.update_event(pb.Event(event="order.created", data=b"new"), mask=[])

    assert changed.data == b"new"
    assert changed.metadata == {"a": "1"}


def test_an_update_with_a_star_replaces_every_field(client):
    client.define("order.created", data=b"old", data_type="text/plain", metadata={"a": "1"})

    changed = client.update_event(pb.Event(event="order.created", data=b"new"), mask=["*"])

    assert changed.data == b"new"
    assert changed.data_type == ""
    assert changed.metadata == {}


def test_an_unknown_field_in_a_mask_is_refused(client):
    client.define("order.created")

    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="update_mask"):
        client.update_event(pb.Event(event="order.created"), mask=["colour"])


def test_an_update_of_an_unknown_event_is_refused(client):
    with refused("NOT_FOUND", "EVENT_NOT_FOUND") as refusals:
        client.update_event(pb.Event(event="nope", data=b"x"))
    assert refusals[0].resource == ("Event", "nope")


def test_an_update_that_is_only_validated_changes_nothing(client):
    created = client.define("order.created", data=b"old")

    answer = client.update_event(pb.Event(event="order.created", data=b"new"), validate_only=True)

    assert answer.data == b"new"
    assert client.get_event("order.created") == created


def test_an_update_with_the_current_etag_succeeds(client):
    created = client.define("order.created")

    changed = client.update_event(pb.Event(event="order.created", etag=created.etag, data=b"new"))

    assert changed.data == b"new"


def test_an_update_with_an_old_etag_is_aborted(client):
    created = client.define("order.created")
    client.update_event(pb.Event(event="order.created", data=b"theirs"))

    with refused("ABORTED", "ETAG_MISMATCH"):
        client.update_event(pb.Event(event="order.created", etag=created.etag, data=b"mine"))
    assert client.get_event("order.created").data == b"theirs"


def test_a_create_that_is_only_validated_creates_nothing(client):
    event = pb.Event(event="order.created", data=b"x")

    answer = client.events.CreateEvent(pb.CreateEventRequest(event=event, validate_only=True))

    assert (answer.event, answer.data) == ("order.created", b"x")
    with refused("NOT_FOUND", "EVENT_NOT_FOUND"):
        client.get_event("order.created")


def test_a_create_that_is_only_validated_is_checked(client):
    client.define("order.created")

    with refused("ALREADY_EXISTS", "RESOURCE_EXISTS"):
        client.events.CreateEvent(
            pb.CreateEventRequest(event=pb.Event(event="order.created"), validate_only=True))
    with refused("NOT_FOUND", "FUNCTION_NOT_FOUND"):
        event = pb.Event(event="order.paid", function_id="nope")
        client.events.CreateEvent(pb.CreateEventRequest(event=event, validate_only=True))


def test_a_repeated_create_with_the_same_request_id_gets_the_first_answer(client):
    request = pb.CreateEventRequest(event=pb.Event(event="order.created"), request_id="r-1")
    first = client.events.CreateEvent(request)
    client.update_event(pb.Event(event="order.created", data=b"changed since"))

    assert client.events.CreateEvent(request) == first


def test_a_request_id_that_came_with_another_event_is_refused(client):
    client.events.CreateEvent(
        pb.CreateEventRequest(event=pb.Event(event="order.created"), request_id="r-1"))

    with refused("ALREADY_EXISTS", "REQUEST_ID_CONFLICT"):
        client.events.CreateEvent(
            pb.CreateEventRequest(event=pb.Event(event="order.paid"), request_id="r-1"))


def test_a_deleted_event_is_gone_and_its_name_is_free(client):
    first = client.define("order.created")
    client.events.DeleteEvent(pb.DeleteEventRequest(event="order.created", etag=first.etag))

    with refused("NOT_FOUND", "EVENT_NOT_FOUND"):
        client.get_event("order.created")
    assert client.define("order.created").uid != first.uid


def test_a_delete_with_an_old_etag_is_aborted(client):
    created = client.define("order.created")
    client.update_event(pb.Event(event="order.created", data=b"theirs"))

    with refused("ABORTED", "ETAG_MISMATCH"):
        client.events.DeleteEvent(pb.DeleteEventRequest(event="order.created", etag=created.etag))
    client.get_event("order.created")


def test_an_event_that_subscriptions_name_is_deleted_only_by_force(client, scripts):
    client.define("order.created")
    client.process_function("echo", scripts / "echo.sh")
    client.subscribe("order.created", "echo", "mail")
    client.subscribe("order.*", "echo", "all-orders")

    with refused("FAILED_PRECONDITION", "IN_USE"):
        client.events.DeleteEvent(pb.DeleteEventRequest(event="order.created"))
    client.events.DeleteEvent(pb.DeleteEventRequest(event="order.created", force=True))

    with refused("NOT_FOUND"):
        client.get_event("order.created")
    assert client.subscription_ids() == ["all-orders"]


@pytest.mark.parametrize("name", ["x" * 128, "a.b.c", "a-b_c.0"])
def test_names_up_to_their_limits_are_taken(client, name):
    assert client.define(name).event == name


def test_organizations_are_apart(client, gateway):
    client.define("order.created", data=b"ours")
    other = Client(gateway.address, client.organization + "-other")

    with refused("NOT_FOUND", "EVENT_NOT_FOUND"):
        other.get_event("order.created")
    with refused("NOT_FOUND", "EVENT_NOT_FOUND"):
        other.emit("order.created")
    assert len(other.events.ListEvents(pb.ListEventsRequest()).events) == 0
    other.define("order.created", data=b"theirs")
    assert client.get_event("order.created").data == b"ours"
    other.close()


def test_a_call_without_an_organization_is_of_the_default_one(gateway, connect):
    unnamed, named = connect(gateway), connect(gateway, "default")
    unnamed.define("only.in.default")

    assert named.get_event("only.in.default").event == "only.in.default"


def test_an_ill_formed_organization_is_refused(gateway, connect):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="x-dispatch-org"):
        connect(gateway, "No Such!").get_event("order.created")
