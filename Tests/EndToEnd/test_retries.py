"""Attempts: how an invocation is tried again, and when it is given up."""

import pytest

from harness.contract import pb
from harness.function_server import Reply
from harness.waiting import eventually


@pytest.fixture(autouse=True)
def order_created(client):
    client.define("order.created")


def test_a_function_is_tried_until_it_succeeds(client, scripts, tmp_path):
    client.process_function("f", scripts / "succeed_at.sh", 3, tmp_path / "runs")
    client.subscribe("order.created", "f", "s", max_attempts=5, initial_backoff=0.01)

    progress = client.run("order.created")

    assert progress.states("s") \
        == ["RUNNING", "RETRYING", "RUNNING", "RETRYING", "RUNNING", "SUCCEEDED"]
    outcome = progress.outcome("s")
    assert [attempt.number for attempt in outcome.attempts] == [1, 2, 3]
    assert [attempt.error.code for attempt in outcome.attempts] == ["EXIT_1", "EXIT_1", ""]
    assert outcome.output.data == b"run 3\n"
    assert not outcome.HasField("error")
    assert progress.summary.succeeded == 1


def test_a_function_that_keeps_failing_is_given_up_after_its_attempts(client, functions):
    client.http_function("f", functions.function("/f", Reply(503)))
    client.subscribe("order.created", "f", "s", max_attempts=3, initial_backoff=0.01)

    progress = client.run("order.created")

    outcome = progress.outcome("s")
    assert outcome.state == pb.Invocation.STATE_FAILED
    assert len(outcome.attempts) == 3
    assert outcome.error.code == "HTTP_503"
    assert not outcome.HasField("next_attempt_time")
    assert progress.summary.state == pb.Trigger.STATE_FAILED
    assert len(functions.received("/f")) == 3


def test_an_invocation_that_waits_says_when_it_is_tried_again(client, functions):
    client.http_function("f", functions.function("/f", Reply(503)))
    client.subscribe("order.created", "f", "s", initial_backoff=600, max_backoff=600)
    trigger_id = client.emit("order.created").trigger_id

    def retrying():
        found = client.invocations(
            trigger_id=trigger_id, states=[pb.Invocation.STATE_RETRYING])
        return found[0] if found else None

    invocation = eventually(retrying)
    wait = invocation.next_attempt_time.seconds - invocation.attempts[0].end_time.seconds
    assert 600 * 0.8 - 2 <= wait <= 602
    assert invocation.error.code == "HTTP_503"
    assert client.get_trigger(trigger_id).state == pb.Trigger.STATE_RUNNING


def test_waits_grow_by_the_multiplier(client, functions):
    client.http_function("f", functions.function("/f", Reply(503)))
    policy = pb.DeliveryPolicy(
        max_attempts=4, initial_backoff={"nanos": 50_000_000}, backoff_multiplier=3, jitter=0)
    client.subscriptions.CreateSubscription(pb.CreateSubscriptionRequest(
        subscription=pb.Subscription(event="order.created", function_id="f", delivery=policy)))

    attempts = client.run("order.created").outcome().attempts

    waits = [(later.start_time.ToNanoseconds() - earlier.end_time.ToNanoseconds()) / 1e9
             for earlier, later in zip(attempts, attempts[1:])]
    for wait, least in zip(waits, (0.05, 0.15, 0.45)):
        assert wait >= least - 0.001


def test_a_retry_that_would_be_too_late_is_not_made(client, functions):
    client.http_function("f", functions.function("/f", Reply(503)))
    client.subscribe("order.created", "f", "s", max_age=5, initial_backoff=60)

    outcome = client.run("order.created").outcome("s")

    assert outcome.state == pb.Invocation.STATE_FAILED
    assert len(outcome.attempts) == 1


def test_unfinished_invocations_take_a_new_policy_with_their_next_attempt(client, functions):
    client.http_function("f", functions.function("/f", Reply(503)))
    client.subscribe("order.created", "f", "s", max_attempts=50, initial_backoff=0.2,
                     max_backoff=0.2)
    trigger_id = client.emit("order.created").trigger_id
    functions.wait_for("/f", 1)

    client.update_subscription(
        pb.Subscription(subscription_id="s", delivery=pb.DeliveryPolicy(max_attempts=1)),
        mask=["delivery"])

    assert client.finished(trigger_id).state == pb.Trigger.STATE_FAILED
    assert len(functions.received("/f")) <= 3


def test_unfinished_invocations_run_the_function_as_it_is_now(client, functions):
    client.http_function("f", functions.function("/old", Reply(503)))
    client.subscribe("order.created", "f", "s", max_attempts=50, initial_backoff=0.05,
                     max_backoff=0.05)
    trigger_id = client.emit("order.created").trigger_id
    functions.wait_for("/old")

    client.update_function(
        pb.Function(function_id="f", http=pb.HttpTarget(url=functions.function("/new"))))

    assert client.finished(trigger_id).state == pb.Trigger.STATE_SUCCEEDED
    assert len(functions.received("/new")) == 1


def test_a_slow_function_holds_up_no_other(client, functions):
    held = functions.hold("/held")
    client.http_function("slow", held.url)
    client.http_function("quick", functions.function("/quick"))
    client.define("slow")
    client.subscribe("slow", "slow", "slow")
    client.subscribe("order.created", "quick", "quick")
    slow = [client.emit("slow").trigger_id for _ in range(100)]

    assert client.run("order.created").summary.succeeded == 1
    held.release()
    for trigger_id in slow:
        client.finished(trigger_id)


def test_codes_that_the_policy_calls_final_are_not_retried(client, functions):
    client.http_function("f", functions.function("/f", Reply(503)))
    client.subscribe("order.created", "f", "s", max_attempts=5, initial_backoff=0.01,
                     final_codes=["HTTP_500", "HTTP_503"])

    outcome = client.run("order.created").outcome("s")

    assert outcome.state == pb.Invocation.STATE_FAILED
    assert len(outcome.attempts) == 1
    assert outcome.error.code == "HTTP_503"


def test_classes_that_the_policy_calls_final_are_not_retried(client, functions, scripts):
    client.http_function("f", functions.function("/f", Reply(503)))
    client.http_function("g", "http://127.0.0.1:1/")
    final = [pb.InvocationError.ERROR_CLASS_FUNCTION]
    for name in ("f", "g"):
        client.subscribe("order.created", name, name, max_attempts=2, initial_backoff=0.01,
                         final_classes=final)

    progress = client.run("order.created")

    assert len(progress.outcome("f").attempts) == 1
    # Its error is one of the system, which nobody called final.
    assert len(progress.outcome("g").attempts) == 2


def test_a_function_may_ask_for_a_wait_up_to_a_cap(client, functions):
    def reply(request):
        if request.attribute("dispatchattempt") == "1":
            return Reply(503, headers={"retry-after": "3600"})
        return Reply()

    client.http_function("f", functions.function("/f", reply))
    client.subscribe("order.created", "f", "s", initial_backoff=0.01, retry_after_max=0.5)

    first, second = client.run("order.created").outcome("s").attempts

    assert first.error.retry_after.seconds == 3600
    wait = (second.start_time.ToNanoseconds() - first.end_time.ToNanoseconds()) / 1e9
    assert 0.5 <= wait < 10


def test_get_shows_the_policys_defaults(client, functions):
    client.http_function("f", functions.function("/f"))
    policy = client.subscribe("order.created", "f", "s").delivery

    shown = {name: getattr(policy, name).seconds for name in (
        "attempt_timeout", "max_age", "initial_backoff", "max_backoff", "retry_after_max")}
    assert shown == {"attempt_timeout": 30, "max_age": 86_400, "initial_backoff": 1,
                     "max_backoff": 300, "retry_after_max": 3600}
    assert (policy.max_attempts, policy.backoff_multiplier, policy.jitter) == (5, 2, 0.2)


@pytest.mark.parametrize("code", [64, 65])
def test_a_command_that_refuses_its_input_fails_for_good(client, scripts, code):
    client.process_function("f", scripts / "exit.sh", code)
    client.subscribe("order.created", "f", "s", max_attempts=3, initial_backoff=0.01)

    outcome = client.run("order.created").outcome("s")

    assert len(outcome.attempts) == 1
    assert (outcome.error.error_class, outcome.error.code, outcome.error.final) \
        == (pb.InvocationError.ERROR_CLASS_INPUT, f"EXIT_{code}", True)


@pytest.mark.parametrize("code", [1, 66, 70, 75, 126, 127])
def test_other_exit_codes_are_tried_again(client, scripts, code):
    client.process_function("f", scripts / "exit.sh", code)
    client.subscribe("order.created", "f", "s", max_attempts=2, initial_backoff=0.01)

    outcome = client.run("order.created").outcome("s")

    assert [attempt.error.code for attempt in outcome.attempts] == [f"EXIT_{code}"] * 2
    assert not outcome.error.final
