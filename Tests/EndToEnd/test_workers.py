"""Functions that workers run: what a worker may count on, and what breaks no promise."""

import json
import threading
import time

import pytest

from harness.contract import pb
from harness.progress import LiveProgress
from harness.waiting import eventually
from harness.worker import M, RawWorker

FAST = ["--worker-ping", "500ms", "--worker-grace", "2s"]


@pytest.fixture
def workers(gateway, organization):
    """Makes workers of the test's organization; cut at the end."""
    made = []

    def make(**options):
        made.append(RawWorker(gateway.address, organization, **options))
        return made[-1]

    yield make
    for worker in made:
        worker.cut()


@pytest.fixture
def subscribed(client):
    worker_function(client, "f")
    client.define("e")
    client.subscribe("e", "f", "s", max_attempts=3, initial_backoff=0.1)
    return client


def worker_function(client, function_id, start_timeout=0, max_concurrency=0):
    target = pb.WorkerTarget()
    if start_timeout:
        target.start_timeout.FromSeconds(start_timeout)
    return client._create_function(pb.Function(
        function_id=function_id, worker=target,
        flow=pb.FlowControl(max_concurrency=max_concurrency)))


def run_one(worker, data=b"done"):
    assignment = worker.expect("assignment")
    worker.started(assignment.lease)
    worker.result(assignment.lease, data)
    return assignment


def test_a_round_trip(subscribed, workers):
    worker = workers(worker="blue")
    worker.credit(1)
    live = LiveProgress(subscribed.trigger("e", b'{"a": 1}', metadata={"k": "v"}))
    assignment = worker.expect("assignment")
    assert (assignment.function_id, assignment.subscription_id, assignment.attempt) == ("f", "s", 1)
    assert assignment.trigger.data == b'{"a": 1}'
    assert assignment.trigger.metadata == {"k": "v"}
    assert assignment.deadline.ToSeconds() > time.time()
    worker.started(assignment.lease)
    worker.send(progress=M.Progress(
        lease=assignment.lease, offset=0, output=b"half, ", logs=[pb.LogLine(text="working")]))
    assert live.first("output").data == b"half, "
    assert live.first("log").line.text == "working"
    worker.result(assignment.lease, b"whole", data_type="text/plain")
    ack = worker.expect("result_ack")
    assert (ack.lease, ack.accepted) == (assignment.lease, True)
    summary = live.end().first("summary")
    assert summary.state == pb.Trigger.STATE_SUCCEEDED
    invocation = subscribed.get_invocation(assignment.invocation_id)
    assert invocation.output.data == b"half, whole"
    assert invocation.output.data_type == "text/plain"
    assert [a.worker for a in invocation.attempts] == ["blue"]


def test_nothing_is_assigned_without_credit(subscribed, workers):
    worker = workers()
    for _ in range(3):
        subscribed.emit("e")
    assert worker.is_silent(0.7)
    worker.credit(2)
    worker.expect("assignment")
    worker.expect("assignment")
    assert worker.is_silent(0.7)


def test_waiting_for_a_worker_takes_no_attempt(subscribed, workers):
    subscription = subscribed.get_subscription("s")
    subscription.delivery.attempt_timeout.FromSeconds(1)
    subscribed.update_subscription(subscription, ["delivery"])
    trigger = subscribed.emit("e").trigger_id
    time.sleep(1.5)
    worker = workers()
    worker.credit(1)
    assert run_one(worker).attempt == 1
    worker.expect("result_ack")
    assert subscribed.get_trigger(trigger).state == pb.Trigger.STATE_SUCCEEDED


def test_work_is_spread_over_the_workers_with_room(subscribed, workers):
    many = [workers(worker=f"w{i}", session=f"s{i}") for i in range(3)]
    for worker in many:
        worker.credit(4)
    for _ in range(12):
        subscribed.emit("e")
    for worker in many:
        for _ in range(4):
            run_one(worker)
    for worker in many:
        assert {worker.expect("result_ack").accepted for _ in range(4)} == {True}


def test_a_failure_is_tried_again(subscribed, workers):
    worker = workers()
    worker.credit(2)
    live = LiveProgress(subscribed.trigger("e"))
    first = worker.expect("assignment")
    worker.started(first.lease)
    worker.result(first.lease, error=pb.InvocationError(code="BUSY", message="not now"))
    assert worker.expect("result_ack").accepted
    second = run_one(worker)
    assert (second.invocation_id, second.attempt) == (first.invocation_id, 2)
    assert second.lease != first.lease
    live.end()
    attempts = subscribed.get_invocation(first.invocation_id).attempts
    assert attempts[0].error.code == "BUSY"
    assert attempts[0].error.error_class == pb.InvocationError.ERROR_CLASS_FUNCTION


def test_a_final_failure_is_not(subscribed, workers):
    worker = workers()
    worker.credit(2)
    live = LiveProgress(subscribed.trigger("e"))
    lease = worker.expect("assignment").lease
    error = pb.InvocationError(code="NO", message="never", final=True)
    worker.result(lease, error=error)
    assert live.end().first("summary").state == pb.Trigger.STATE_FAILED


def test_what_is_not_started_in_time_goes_to_another_worker(client, workers):
    worker_function(client, "f", start_timeout=1)
    client.define("e")
    client.subscribe("e", "f", "s", max_attempts=1)
    slow = workers(worker="slow", session="slow")
    slow.credit(1)
    live = LiveProgress(client.trigger("e"))
    stale = slow.expect("assignment")
    quick = workers(worker="quick", session="quick")
    quick.credit(1)
    assert slow.expect("cancel").lease == stale.lease
    fresh = run_one(quick)
    assert (fresh.invocation_id, fresh.attempt) == (stale.invocation_id, 1)
    assert live.end().first("summary").state == pb.Trigger.STATE_SUCCEEDED
    slow.result(stale.lease, b"late")
    ack = slow.expect("result_ack")
    assert (ack.lease, ack.accepted) == (stale.lease, False)
    assert client.get_invocation(stale.invocation_id).output.data == b"done"


def test_a_reconnect_keeps_the_leases(subscribed, workers):
    before = workers(session="same")
    before.credit(1)
    live = LiveProgress(subscribed.trigger("e"))
    lease = before.expect("assignment").lease
    before.started(lease)
    before.send(progress=M.Progress(lease=lease, output=b"abc"))
    live.first("output")
    before.cut()
    after = workers(session="same")
    assert list(after.welcome.leases) == [lease]
    after.send(progress=M.Progress(lease=lease, offset=1, output=b"bcd"))
    after.result(lease, b"e")
    assert after.expect("result_ack").accepted
    assert live.end().first("summary").state == pb.Trigger.STATE_SUCCEEDED
    outputs = b"".join(u.output.data for u in live.updates if u.HasField("output"))
    assert outputs == b"abcde"


def test_an_assignment_that_was_lost_with_its_stream_comes_again(subscribed, workers):
    before = workers(session="same")
    before.credit(1)
    live = LiveProgress(subscribed.trigger("e"))
    lost = before.expect("assignment")
    before.cut()
    after = workers(session="same")
    assert list(after.welcome.leases) == [lost.lease]
    again = run_one(after)
    assert (again.lease, again.invocation_id, again.attempt) == (lost.lease, lost.invocation_id, 1)
    assert after.expect("result_ack").accepted
    assert live.end().first("summary").state == pb.Trigger.STATE_SUCCEEDED
    subscribed.emit("e")
    assert after.is_silent(0.3), "it took no credit, and there is none"


def test_one_that_was_started_does_not(subscribed, workers):
    before = workers(session="same")
    before.credit(1)
    subscribed.emit("e")
    lease = before.expect("assignment").lease
    before.send(progress=M.Progress(lease=lease, output=b"abc"))
    before.send(ping=pb.Ping(number=1))
    assert before.expect("ping").answer
    before.cut()
    after = workers(session="same")
    assert list(after.welcome.leases) == [lease]
    assert after.is_silent(0.3)


def test_output_that_misses_what_came_before_is_refused(subscribed, workers):
    worker = workers()
    worker.credit(1)
    subscribed.emit("e")
    lease = worker.expect("assignment").lease
    worker.send(progress=M.Progress(lease=lease, output=b"abc"))
    worker.send(progress=M.Progress(lease=lease, offset=3, output=b"d"))
    worker.send(progress=M.Progress(lease=lease, offset=5, output=b"f"))
    refusal = worker.wait_over()
    assert refusal.code == "INVALID_ARGUMENT"
    assert refusal.message == "progress.offset is 5; 4 bytes of output have come"


def test_what_a_result_says_is_bounded(subscribed, workers):
    worker = workers()
    worker.credit(2)
    live = LiveProgress(subscribed.trigger("e"))
    first = worker.expect("assignment")
    error = pb.InvocationError(code="C" * 100_000, message="m" * 100_000)
    worker.result(first.lease, error=error)
    second = worker.expect("assignment")
    worker.result(second.lease, b"x", data_type="text/plain\r\nx: y" + "z" * 100_000)
    live.end()
    invocation = subscribed.get_invocation(first.invocation_id)
    assert invocation.output.data_type == ""
    told = invocation.attempts[0].error
    assert (told.code, told.message) == ("C" * 64, "m" * 2048)


def test_a_second_stream_of_a_session_ends_the_first(subscribed, workers):
    first = workers(session="same")
    first.credit(5)
    second = workers(session="same")
    refusal = first.wait_over()
    assert (refusal.code, refusal.reason) == ("ABORTED", "LEASE_LOST")
    subscribed.emit("e")
    assert second.is_silent(0.5), "the credit was the first stream's"
    second.credit(1)
    run_one(second)
    assert second.expect("result_ack").accepted


def test_sessions_of_two_organizations_are_two(gateway, subscribed, workers):
    ours = workers(session="same")
    theirs = RawWorker(gateway.address, "somebody-else", session="same")
    theirs.credit(5)
    ours.credit(1)
    subscribed.emit("e")
    run_one(ours)
    assert theirs.is_silent(0.5)
    theirs.cut()


def test_a_lost_worker_is_noticed_and_its_work_done_by_another(start_gateway, connect):
    gateway = start_gateway(options=FAST)
    client = connect(gateway, "org")
    worker_function(client, "f")
    client.define("e")
    client.subscribe("e", "f", "s", max_attempts=3, initial_backoff=0.1)
    lost = RawWorker(gateway.address, "org", session="lost", worker="lost", is_mute=True)
    lost.credit(2)
    live = LiveProgress(client.trigger("e"))
    begun = lost.expect("assignment")
    lost.started(begun.lease)
    client.emit("e")
    unbegun = lost.expect("assignment")
    # It goes on reading, and says nothing: not even to a ping.
    refusal = lost.wait_over(within=5)
    assert refusal.code == "UNAVAILABLE"
    other = RawWorker(gateway.address, "org", session="other", worker="other")
    other.credit(5)
    ours = {}
    for _ in range(2):
        assignment = run_one(other)
        ours[assignment.invocation_id] = assignment.attempt
    assert ours == {begun.invocation_id: 2, unbegun.invocation_id: 1}
    assert live.end().first("summary").state == pb.Trigger.STATE_SUCCEEDED
    attempts = client.get_invocation(begun.invocation_id).attempts
    assert [a.error.code for a in attempts] == ["WORKER_LOST", ""]
    assert [a.worker for a in attempts] == ["lost", "other"]
    late = RawWorker(gateway.address, "org", session="lost", worker="lost")
    assert list(late.welcome.leases) == []
    late.result(begun.lease, b"late")
    assert not late.expect("result_ack").accepted


def test_pings_keep_a_worker_alive(start_gateway):
    gateway = start_gateway(options=FAST)
    worker = RawWorker(gateway.address, "org")
    assert worker.welcome.ping_interval.ToMilliseconds() == 500
    for _ in range(5):
        worker.expect("ping")
    worker.send(ping=pb.Ping(number=99))
    answers = [worker.expect("ping") for _ in range(2)]
    assert any(a.answer and a.number == 99 for a in answers)
    assert not worker.is_over.is_set()


def test_a_drain_finishes_what_was_begun_and_takes_nothing_more(subscribed, workers):
    old = workers(session="old")
    old.credit(5)
    subscribed.emit("e")
    lease = old.expect("assignment").lease
    old.started(lease)
    old.send(drain=M.Drain())
    old.send(ping=pb.Ping(number=1))
    assert old.expect("ping").answer
    subscribed.emit("e")
    new = workers(session="new")
    new.credit(5)
    run_one(new)
    assert new.expect("result_ack").accepted
    old.result(lease, b"last")
    assert old.expect("result_ack").accepted
    assert old.wait_over() is None
    assert new.is_silent(0.3)


def test_cancelling_a_trigger_tells_the_worker(subscribed, workers):
    worker = workers()
    worker.credit(1)
    trigger = subscribed.emit("e").trigger_id
    lease = worker.expect("assignment").lease
    worker.started(lease)
    subscribed.cancel(trigger)
    assert worker.expect("cancel").lease == lease
    worker.result(lease, b"too late")
    assert not worker.expect("result_ack").accepted


def test_an_attempt_timeout_tells_the_worker(subscribed, workers):
    subscription = subscribed.get_subscription("s")
    subscription.delivery.attempt_timeout.FromSeconds(1)
    subscription.delivery.max_attempts = 1
    subscribed.update_subscription(subscription, ["delivery"])
    worker = workers()
    worker.credit(1)
    live = LiveProgress(subscribed.trigger("e"))
    lease = worker.expect("assignment").lease
    worker.started(lease)
    assert worker.expect("cancel").lease == lease
    assert live.end().first("summary").state == pb.Trigger.STATE_FAILED


def test_one_worker_serves_many_functions_within_one_credit(client, workers):
    for name in ("a", "b", "c"):
        worker_function(client, name)
        client.define(f"event.{name}")
        client.subscribe(f"event.{name}", name, f"s-{name}")
        client.emit(f"event.{name}")
    worker = workers(functions=["a", "b", "c"])
    worker.credit(1)
    seen = set()
    for _ in range(3):
        seen.add(run_one(worker).function_id)
        assert worker.expect("result_ack").accepted
        worker.credit(1)
    assert seen == {"a", "b", "c"}


def test_a_transform_shapes_what_a_worker_gets(client, workers):
    worker_function(client, "f")
    client.define("e")
    client.subscriptions.CreateSubscription(pb.CreateSubscriptionRequest(
        subscription=pb.Subscription(
            subscription_id="s", event="e", function_id="f",
            transform=pb.Transform(template='{"b": "${/data/a}"}'))))
    worker = workers()
    worker.credit(1)
    client.emit("e", b'{"a": 7}')
    assert json.loads(run_one(worker).trigger.data) == {"b": 7}


@pytest.mark.parametrize("first, problem", [
    ({"credit": M.Credit(count=1)}, "message must be hello at first"),
    ({"hello": M.Hello(worker="w")}, "hello.function_ids is required"),
    ({"hello": M.Hello(function_ids=["A b"])}, "hello.function_ids[0] must start"),
    ({"hello": M.Hello(function_ids=[f"f{i}" for i in range(257)])},
     "hello.function_ids has more than 256 entries"),
    ({"hello": M.Hello(worker="w" * 300, function_ids=["f"])}, "hello.worker is 300 bytes"),
])
def test_a_bad_beginning_is_refused(workers, first, problem):
    worker = workers(hello=False)
    worker.send(**first)
    refusal = worker.wait_over()
    assert (refusal.code, refusal.reason) == ("INVALID_ARGUMENT", "FIELD_INVALID")
    assert refusal.message.startswith(problem)


@pytest.mark.parametrize("later, problem", [
    ({"hello": M.Hello(function_ids=["f"])}, "hello was sent before"),
    ({"credit": M.Credit(count=0)}, "credit.count is 0"),
    ({"credit": M.Credit(count=-1)}, "credit.count is -1"),
    ({"credit": M.Credit(count=1001)}, "credit.count is 1001"),
])
def test_a_broken_rule_ends_the_stream(workers, later, problem):
    worker = workers()
    worker.send(**later)
    refusal = worker.wait_over()
    assert refusal.code == "INVALID_ARGUMENT"
    assert refusal.message.startswith(problem)


def test_leases_that_never_were_are_refused(workers):
    worker = workers()
    worker.started(5)
    worker.send(progress=M.Progress(lease=5, output=b"x"))
    for lease in (0, 5, 2**64 - 1):
        worker.result(lease, b"x")
        ack = worker.expect("result_ack")
        assert (ack.lease, ack.accepted) == (lease, False)


def test_a_lease_is_its_own_workers(subscribed, workers):
    ours, thief = workers(session="ours"), workers(session="thief", functions=["g"])
    ours.credit(1)
    subscribed.emit("e")
    lease = ours.expect("assignment").lease
    ours.started(lease)
    thief.result(lease, b"mine")
    assert not thief.expect("result_ack").accepted
    ours.result(lease, b"ours")
    assert ours.expect("result_ack").accepted


def test_a_restart_of_the_gateway_gives_the_work_out_again(start_gateway, connect):
    gateway = start_gateway(options=[*FAST, "--drain-seconds", "1"])
    client = connect(gateway, "org")
    worker_function(client, "f")
    client.define("e")
    client.subscribe("e", "f", "s", max_attempts=1)
    trigger = client.emit("e").trigger_id
    before = RawWorker(gateway.address, "org", session="same")
    before.credit(1)
    lease = before.expect("assignment").lease
    before.started(lease)
    gateway.kill()
    gateway.start()
    client = connect(gateway, "org")
    after = RawWorker(gateway.address, "org", session="same")
    assert list(after.welcome.leases) == []
    after.result(lease, b"old")
    assert not after.expect("result_ack").accepted
    after.credit(1)
    run_one(after)
    assert after.expect("result_ack").accepted
    assert client.get_trigger(trigger).state == pb.Trigger.STATE_SUCCEEDED


def test_a_gateway_that_shuts_down_takes_the_last_results(start_gateway, connect):
    gateway = start_gateway(options=["--drain-seconds", "10"])
    client = connect(gateway, "org")
    worker_function(client, "f")
    client.define("e")
    client.subscribe("e", "f", "s")
    idle = RawWorker(gateway.address, "org", session="idle")
    busy = RawWorker(gateway.address, "org", session="busy")
    busy.credit(1)
    trigger = client.emit("e").trigger_id
    lease = busy.expect("assignment").lease
    busy.started(lease)
    stopping = threading.Thread(target=gateway.terminate)
    stopping.start()
    assert busy.expect("go_away").within.ToSeconds() == 10
    idle.expect("go_away")
    assert idle.wait_over() is None
    busy.result(lease, b"last")
    assert busy.expect("result_ack").accepted
    assert busy.wait_over() is None
    stopping.join(15)
    gateway.start()
    client = connect(gateway, "org")
    state = eventually(lambda: client.get_trigger(trigger).state, 5, "a state")
    assert state == pb.Trigger.STATE_SUCCEEDED
