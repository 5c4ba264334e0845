"""Dead letters: kept with all that happened, listed, tried again, and told to an event."""

import pytest

from harness.contract import pb
from harness.function_server import Reply
from harness.refusal import refused
from harness.waiting import eventually

FAILED = pb.Invocation.STATE_FAILED
PREFIX = "dead-letter-"


class Patient:
    """A function that fails with `status` until it is healed."""

    def __init__(self, client, functions, name="f"):
        self.status = 400
        client.http_function(name, functions.function(f"/{name}", self.reply))

    def reply(self, request):
        return Reply(self.status, b"why not")


@pytest.fixture
def patient(client, functions):
    client.define("order.created")
    patient = Patient(client, functions)
    client.subscribe("order.created", "f", "s", max_attempts=2, initial_backoff=0.01)
    return patient


def fail(client, count=1, event="order.created", **fields):
    """Triggers as many that end as dead letters, the oldest first."""
    ids = [client.emit(event, b"%d" % number, **fields).trigger_id for number in range(count)]
    for trigger_id in ids:
        client.finished(trigger_id)
    return ids


def dead_letters(client, **filters):
    return [i.trigger_id for i in client.invocations(states=[FAILED], **filters)]


def test_a_dead_letter_keeps_payload_attempts_output_and_cause(client, patient):
    patient.status = 503
    trigger_id = fail(client)[0]

    invocation = client.invocation_of(trigger_id, "s")

    assert client.get_trigger(trigger_id).data == b"0"
    assert invocation.state == FAILED
    assert [attempt.error.code for attempt in invocation.attempts] == ["HTTP_503"] * 2
    assert invocation.output.data == b"why not"
    assert invocation.error.code == "HTTP_503" and invocation.error.message


def test_dead_letters_are_listed_and_filtered(client, functions, patient):
    client.define("order.paid")
    Patient(client, functions, "g")
    client.subscribe("order.paid", "g", "t")
    created, paid = fail(client)[0], fail(client, event="order.paid")[0]
    after = client.get_trigger(paid).received_at

    assert dead_letters(client) == [paid, created]
    assert dead_letters(client, event="order.paid") == [paid]
    assert dead_letters(client, subscription_id="s") == [created]
    assert dead_letters(client, function_id="g") == [paid]
    assert dead_letters(client, received=pb.TimeRange(end=after)) == [created]
    assert dead_letters(client, received=pb.TimeRange(start=after)) == [paid]


def test_a_retry_starts_anew_with_all_attempts(client, patient):
    patient.status = 503
    trigger_id = fail(client)[0]
    invocation = client.invocation_of(trigger_id, "s")

    again = client.retry(invocation.invocation_id)
    assert again.HasField("redrive_time")
    eventually(lambda: len(client.invocation_of(trigger_id, "s").attempts) == 4)
    assert client.finished(trigger_id).state == pb.Trigger.STATE_FAILED
    patient.status = 200
    client.retry(invocation.invocation_id)

    eventually(lambda: client.states(trigger_id)["s"] == "SUCCEEDED")
    healed = client.invocation_of(trigger_id, "s")
    assert [attempt.number for attempt in healed.attempts] == [1, 2, 3, 4, 5]
    assert client.get_trigger(trigger_id).state == pb.Trigger.STATE_SUCCEEDED
    assert not healed.HasField("error")


def test_only_what_did_not_succeed_is_tried_again(client, functions, patient):
    patient.status = 200
    succeeded = client.run("order.created").outcome().invocation_id
    held = functions.hold("/held")
    client.http_function("held", held.url)
    client.define("slow", function_id="held")
    running = client.emit("slow").trigger_id
    functions.wait_for("/held")

    for invocation_id in (succeeded, client.invocations(trigger_id=running)[0].invocation_id):
        with refused("FAILED_PRECONDITION", "INVOCATION_NOT_FAILED") as refusals:
            client.retry(invocation_id)
        assert refusals[0].resource == ("Invocation", invocation_id)
    with refused("NOT_FOUND", "INVOCATION_NOT_FOUND"):
        client.retry(succeeded.rpartition(".")[0] + ".9")
    held.release()


def test_a_cancelled_invocation_can_be_tried_again(client, functions, patient):
    patient.status = 503
    client.update_subscription(
        pb.Subscription(subscription_id="s", delivery=pb.DeliveryPolicy(
            initial_backoff={"seconds": 600}, max_backoff={"seconds": 600})), mask=["delivery"])
    trigger_id = client.emit("order.created").trigger_id
    eventually(lambda: client.states(trigger_id)["s"] == "RETRYING")
    client.cancel(trigger_id)
    patient.status = 200

    client.retry(client.invocation_of(trigger_id, "s").invocation_id)

    eventually(lambda: client.states(trigger_id)["s"] == "SUCCEEDED")


def test_a_redrive_takes_all_that_fit_and_a_dry_run_only_counts_them(client, functions, patient):
    client.define("order.paid")
    other = Patient(client, functions, "g")
    client.subscribe("order.paid", "g", "t")
    mine, others = fail(client, 5), fail(client, 2, event="order.paid")
    patient.status = other.status = 200

    assert client.redrive(dry_run=True).count == 7
    assert client.redrive(subscription_id="s", dry_run=True).count == 5
    assert client.redrive(function_id="g", dry_run=True).count == 2
    assert client.redrive(error_code="HTTP_400", dry_run=True).count == 7
    assert client.redrive(error_code="HTTP_503", dry_run=True).count == 0
    assert len(dead_letters(client)) == 7
    answer = client.redrive(event="order.created")

    assert (answer.count, answer.has_more) == (5, False)
    eventually(lambda: dead_letters(client) == list(reversed(others)))
    for trigger_id in mine:
        eventually(lambda: client.states(trigger_id)["s"] == "SUCCEEDED")


def test_a_redrive_takes_the_oldest_first_up_to_its_limit(client, patient):
    ids = fail(client, 5)
    patient.status = 200

    answer = client.redrive(limit=2)

    assert (answer.count, answer.has_more) == (2, True)
    eventually(lambda: dead_letters(client) == list(reversed(ids[2:])))
    assert client.redrive(limit=3).count == 3
    assert not client.redrive().has_more


def test_what_fails_again_is_taken_once_by_each_redrive(client, functions, patient):
    fail(client, 20)

    assert client.redrive().count == 20

    functions.wait_for("/f", 40)
    eventually(lambda: len(dead_letters(client)) == 20)
    assert len(functions.received("/f")) == 40


def test_a_redrive_by_time(client, patient):
    first, second = fail(client, 2)
    start = client.get_trigger(second).received_at

    assert client.redrive(received=pb.TimeRange(start=start), dry_run=True).count == 1
    assert client.redrive(received=pb.TimeRange(end=start), dry_run=True).count == 1


def test_a_redrive_with_a_bad_limit_is_refused(client):
    with refused("INVALID_ARGUMENT", "FIELD_INVALID", field="limit"):
        client.redrive(limit=-1)


# Dead-letter events

@pytest.fixture
def lost(client, functions):
    """order.created, whose dead letters trigger order.lost."""
    client.define("order.created")
    client.define("order.lost")
    patient = Patient(client, functions)
    client.subscribe("order.created", "f", "s", dead_letter_event="order.lost")
    client.http_function("undertaker", functions.function("/undertaker"))
    return patient


def test_a_dead_letter_triggers_its_event_with_payload_and_story(client, functions, lost):
    client.subscribe("order.lost", "undertaker", "undertaker")
    trigger_id = client.emit(
        "order.created", b"<order/>", data_type="application/xml", metadata={"mine": "1"},
        source="/shop").trigger_id

    request = functions.wait_for("/undertaker")[0]

    assert (request.body, request.headers["content-type"]) == (b"<order/>", "application/xml")
    letter = client.get_trigger(request.attribute("id"))
    failed = client.invocation_of(trigger_id, "s")
    assert letter.event == "order.lost"
    assert letter.dead_letter_hops == 1
    assert letter.metadata["mine"] == "1"
    story = {key.removeprefix(PREFIX): value for key, value in letter.metadata.items()
             if key.startswith(PREFIX)}
    assert story == {
        "event": "order.created", "trigger-id": trigger_id,
        "invocation-id": failed.invocation_id, "subscription-id": "s", "function-id": "f",
        "attempts": "1", "error-code": "HTTP_400", "error-message": failed.error.message}


def test_what_succeeds_in_the_end_triggers_no_dead_letter(client, lost):
    lost.status = 200
    client.run("order.created")
    assert client.list_triggers(event="order.lost") == []


def test_a_dead_letter_for_which_nobody_subscribed_is_still_a_trigger(client, lost):
    client.run("order.created", b"x")
    assert [t.data for t in client.list_triggers(event="order.lost")] == [b"x"]


def test_each_failure_triggers_one(client, lost):
    trigger_id = client.run("order.created", b"x").trigger_id
    client.retry(client.invocation_of(trigger_id, "s").invocation_id)

    eventually(lambda: len(client.list_triggers(event="order.lost")) == 2)


def test_dead_letters_of_dead_letters_end(client, functions):
    events = [f"lost{number}" for number in range(6)]
    for event in events:
        client.define(event)
    Patient(client, functions)
    for event, following in zip(events, events[1:]):
        client.subscribe(event, "f", event, dead_letter_event=following)

    client.emit(events[0], b"x")

    functions.wait_for("/f", 5)
    eventually(lambda: len(dead_letters(client)) == 5)
    hops = {t.event: t.dead_letter_hops for t in client.list_triggers()}
    assert hops == {event: number for number, event in enumerate(events[:5])}


def test_a_circle_of_dead_letters_ends(client, functions):
    client.define("a")
    client.define("b")
    Patient(client, functions)
    client.subscribe("a", "f", "s", dead_letter_event="b")
    client.subscribe("b", "f", "t", dead_letter_event="a")

    client.emit("a", b"x")

    functions.wait_for("/f", 5)
    eventually(lambda: len(dead_letters(client)) == 5)
    assert len(client.list_triggers()) == 5


def test_a_dead_letter_event_must_exist_when_it_is_written(client, functions):
    client.define("order.created")
    client.http_function("f", functions.function("/f"))
    with refused("NOT_FOUND", "EVENT_NOT_FOUND"):
        client.subscribe("order.created", "f", "s", dead_letter_event="nope")


def test_a_dead_letter_event_that_is_gone_triggers_nothing(client, lost):
    client.events.DeleteEvent(pb.DeleteEventRequest(event="order.lost"))

    progress = client.run("order.created", b"x")

    assert progress.summary.failed == 1
    assert len(client.list_triggers()) == 1
