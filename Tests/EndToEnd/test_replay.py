"""ReplayTriggers: copies of past triggers for those who subscribe now."""

import pytest

from harness.contract import pb
from harness.function_server import Reply
from harness.refusal import refused


@pytest.fixture
def past(client, functions):
    """Three triggers of order.created, for which nobody had subscribed yet."""
    client.define("order.created")
    client.define("order.paid")
    answers = [client.emit(
        "order.created", b"%d" % number, metadata={"number": str(number)}, source="/shop",
        data_type="text/plain") for number in range(3)]
    client.emit("order.paid", b"other")
    client.http_function("f", functions.function("/f"))
    client.subscribe("order.created", "f", "s")
    return answers


def copies(client):
    return [t for t in client.list_triggers(event="order.created") if t.HasField("replay_time")]


def test_past_triggers_reach_those_who_subscribe_now(client, functions, past):
    answer = client.replay("order.created")

    assert (answer.count, answer.next_page_token) == (3, "")
    received = functions.wait_for("/f", 3)
    assert sorted(r.body for r in received) == [b"0", b"1", b"2"]
    originals = {first.trigger_id for first in past}
    for copy in copies(client):
        number = int(copy.data)
        assert copy.trigger_id not in originals
        assert copy.received_at == past[number].received_at
        assert copy.replay_time.ToNanoseconds() > copy.received_at.ToNanoseconds()
        assert (copy.source, copy.data_type, copy.metadata["number"]) \
            == ("/shop", "text/plain", str(number))
        client.finished(copy.trigger_id)


def test_a_dry_run_counts_and_triggers_nothing(client, functions, past):
    assert client.replay("order.created", dry_run=True).count == 3
    assert copies(client) == []
    assert functions.received("/f") == []


def test_copies_are_not_copied_again(client, functions, past):
    client.replay("order.created")
    assert client.replay("order.created").count == 3
    assert len(copies(client)) == 6


def test_a_replay_of_a_time(client, past):
    middle = past[1].received_at
    assert client.replay(
        "order.created", received=pb.TimeRange(start=middle), dry_run=True).count == 2
    assert client.replay(
        "order.created", received=pb.TimeRange(end=middle), dry_run=True).count == 1


def test_a_replay_for_one_subscription_only(client, functions, past):
    client.http_function("g", functions.function("/g"))
    client.subscribe("order.*", "g", "t")

    client.replay("order.created", subscription_id="t")

    functions.wait_for("/g", 3)
    assert functions.received("/f") == []
    assert all(copy.invocation_count == 1 for copy in copies(client))


def test_a_repeated_replay_with_the_same_id_copies_nothing_again(client, functions, past):
    first = client.replay("order.created", request_id="r-1")
    again = client.replay("order.created", request_id="r-1")

    assert first.count == again.count == 3
    assert len(copies(client)) == 3
    assert client.replay("order.created", request_id="r-2").count == 3
    assert len(copies(client)) == 6


def test_a_replay_goes_on_from_its_token(client, functions, past):
    first = client.replay("order.created", limit=2)
    second = client.replay("order.created", limit=2, page_token=first.next_page_token)

    assert (first.count, second.count, second.next_page_token) == (2, 1, "")
    assert sorted(r.body for r in functions.wait_for("/f", 3)) == [b"0", b"1", b"2"]


def test_the_oldest_comes_first_and_keys_keep_their_order(client, functions):
    client.define("order.created")
    for number in range(20):
        client.emit("order.created", b"%d" % number, ordering_key="k")
    client.http_function("f", functions.function("/f"))
    client.subscribe("order.created", "f", "s")

    client.replay("order.created")

    received = functions.wait_for("/f", 20)
    assert [r.body for r in received] == [b"%d" % number for number in range(20)]


def test_the_age_of_a_copy_counts_from_its_replay(client, functions, past):
    replies = iter([Reply(503), Reply(503), Reply(503)])
    functions.function("/f", lambda request: next(replies, Reply()))
    client.update_subscription(pb.Subscription(subscription_id="s", delivery=pb.DeliveryPolicy(
        max_age={"seconds": 60}, initial_backoff={"nanos": 10_000_000})), mask=["delivery"])

    client.replay("order.created")

    for copy in copies(client):
        assert client.finished(copy.trigger_id).state == pb.Trigger.STATE_SUCCEEDED


def test_what_does_not_exist_is_not_found(client, past):
    with refused("NOT_FOUND", "EVENT_NOT_FOUND"):
        client.replay("nope")
    with refused("NOT_FOUND", "SUBSCRIPTION_NOT_FOUND"):
        client.replay("order.created", subscription_id="nope")


def test_a_subscription_that_does_not_match_is_refused(client, past):
    client.subscribe("order.paid", "f", "t")
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="subscription_id"):
        client.replay("order.created", subscription_id="t")


@pytest.mark.parametrize("field, fields", [
    ("event", {"event": ""}), ("limit", {"limit": -1}), ("received.end", {"received": (5, 1)}),
])
def test_bad_requests_are_refused_by_field(client, past, field, fields):
    if "received" in fields:
        start, end = fields["received"]
        fields = {"received": pb.TimeRange(start={"seconds": start}, end={"seconds": end})}
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field=field):
        client.replay(**{"event": "order.created", **fields})


def test_a_token_is_good_only_for_the_same_request(client, past):
    token = client.replay("order.created", limit=1, dry_run=True).next_page_token
    assert token
    with refused("INVALID_ARGUMENT", "PAGE_TOKEN_INVALID", field="page_token"):
        client.replay("order.paid", page_token=token)
