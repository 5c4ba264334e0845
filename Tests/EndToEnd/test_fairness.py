"""Fairness: an organization that floods, or whose functions hang, stops no other."""

import pytest

from harness.contract import pb
from harness.waiting import eventually
from harness.worker import RawWorker

# What the whole gateway runs at once, of which one organization may have half (Executors/Limits.swift).
RUNNING_MAX = 4_000
# What one function may run, and one worker takes.
PER_FUNCTION = 1_000


@pytest.fixture
def workers(gateway, organization):
    """A worker for each of as many functions as could hold all that the gateway may run, and more."""
    made = []
    for number in range(RUNNING_MAX // PER_FUNCTION + 1):
        worker = RawWorker(
            gateway.address, organization, worker=f"w{number}", functions=(f"f{number}",))
        worker.credit(PER_FUNCTION)
        made.append(worker)
    yield made
    for worker in made:
        worker.cut()


def flood(client, event, count):
    """Returns once all are durable."""
    requests = [
        pb.EmitEventsRequest(sequence=number, emit=pb.EmitEventRequest(event=event, data=b"x"))
        for number in range(count)]
    answers = list(client.emit_each(requests))
    assert all(answer.HasField("accepted") for answer in answers), answers[:3]


def test_an_organization_whose_functions_all_hang_leaves_another_its_share(
    gateway, client, connect, functions, workers
):
    client.define("e")
    for number in range(len(workers)):
        client._create_function(pb.Function(
            function_id=f"f{number}", worker=pb.WorkerTarget(),
            flow=pb.FlowControl(max_concurrency=PER_FUNCTION)))
        client.subscribe("e", f"f{number}", f"s{number}")
    other = connect(gateway, f"{client.organization}-other")
    other.http_function("quick", functions.function("/quick"))
    other.define("order.created", function_id="quick")

    # Nobody says that it is done with any of them.
    flood(client, "e", PER_FUNCTION)
    assigned = lambda: sum(worker.incoming.qsize() for worker in workers)
    eventually(lambda: assigned() >= RUNNING_MAX // 2, 60, "half of the permits are taken")

    for number in range(20):
        trigger_id = other.emit("order.created", b"%d" % number).trigger_id
        assert other.finished(trigger_id).state == pb.Trigger.STATE_SUCCEEDED
    running = client.invocations(states=[pb.Invocation.STATE_RUNNING])
    assert len(running) == RUNNING_MAX // 2


def finished(client, count):
    """All invocations, once there are so many that have ended."""
    ended = client.invocations(states=[pb.Invocation.STATE_SUCCEEDED])
    return ended if len(ended) == count else None


def test_commands_of_organizations_take_turns(start_gateway, connect, scripts):
    # 512 files are 16 commands at once.
    gateway = start_gateway(wrapper=["sh", "-c", 'ulimit -n 512; exec "$@"', "sh"])
    one, other = connect(gateway, "floods"), connect(gateway, "modest")
    for client in (one, other):
        client.process_function("echo", scripts / "echo.sh", max_concurrency=PER_FUNCTION)
        client.define("order.created", function_id="echo")

    flood(one, "order.created", PER_FUNCTION)
    flood(other, "order.created", 10)

    ends = sorted(
        (invocation.attempts[-1].end_time.ToNanoseconds(), client is other)
        for client, count in ((other, 10), (one, PER_FUNCTION))
        for invocation in eventually(
            lambda: finished(client, count), 120, "all commands have run"))
    places = [place for place, (_, is_others) in enumerate(ends) if is_others]
    # In turns there are about as many of the flood between them as there are of the other.
    assert places[-1] - places[0] < PER_FUNCTION // 10, places
    assert places[-1] < PER_FUNCTION - 1, "the flood was over before: it shows nothing"
