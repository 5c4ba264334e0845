"""The load: clients of every kind that go on until the gateway goes away, and note what they were
told."""

import queue
import random
import threading
import time

import grpc

from crash.history import Ack, Cancel, Pause, Redrive, Sent, Stream, Told
from crash.world import PAUSED, REDRIVEN, digest
from google.protobuf.timestamp_pb2 import Timestamp
from harness.contract import pb

PAYLOAD_BYTES_MAX = 3000
AGAIN_CHANCE = 0.05
DELAYED_CHANCE = 0.1
KEYED_CHANCE = 0.4
DELAY_SECONDS_MAX = 2
IN_FLIGHT_MAX = 32
KEYS = 3
WEIGHTS = {
    "order.created": 4, "order.paid": 4, "shipment.ready": 3, "refund.asked": 2, "page.viewed": 1,
    "risk.found": 2}


class Ledger:
    """What all clients of all rounds share: what was sent, and what is still to be settled."""

    def __init__(self, subscriptions_of):
        self.subscriptions_of = subscriptions_of
        self.sent = []
        self.payloads = {}
        self.streams = []
        self.cancels = []
        self.pauses = []
        self.redrives = []
        self.unexpected = []
        self.acknowledgements = 0
        self.unacknowledged = []
        # Streams that were cut, with the token to go on from.
        self.cut = []
        self._changed = threading.Condition()

    def new(self, request_id, event, payload, ordering_key="", deliver_at=0):
        sent = Sent(
            request_id, event, digest(payload), time.monotonic(), ordering_key, deliver_at,
            sendings=0)
        with self._changed:
            self.sent.append(sent)
            self.payloads[request_id] = payload
        return sent

    def sending(self, sent):
        """The request's fields; to be called right before it is sent."""
        sent.memberships.add(frozenset(self.subscriptions_of[sent.event]))
        sent.sendings += 1
        deliver_at = None
        if sent.deliver_at_wall:
            deliver_at = Timestamp()
            deliver_at.FromNanoseconds(int(sent.deliver_at_wall * 1e6) * 1000)
        return {
            "event": sent.event, "data": self.payloads[sent.request_id],
            "request_id": sent.request_id, "ordering_key": sent.ordering_key,
            "deliver_at": deliver_at}

    def acknowledged(self, sent, trigger_id, stream="", place=0):
        with self._changed:
            sent.acks.append(Ack(trigger_id, time.monotonic(), stream, place))
            self.acknowledgements += 1
            self._changed.notify_all()

    def wait_for_acknowledgements(self, count, within):
        """Returns at `within` seconds at the latest: a kill may come at any moment."""
        with self._changed:
            self._changed.wait_for(lambda: self.acknowledgements >= count, within)

    def pause_for(self, seconds):
        self.wait_for_acknowledgements(float("inf"), seconds)

    def failed(self, sent):
        if not sent.acks:
            self.unacknowledged.append(sent)

    def take_unacknowledged(self):
        try:
            return self.unacknowledged.pop()
        except IndexError:
            return None

    def complain(self, about):
        self.unexpected.append(about)


class Worker(threading.Thread):
    """Does one thing after another until the gateway goes away."""

    def __init__(self, client, ledger, seed, key_prefix, steps_max):
        super().__init__(daemon=True)
        self.client = client
        self.ledger = ledger
        self.seed = seed
        self.random = random.Random(seed)
        self.key_prefix = key_prefix
        self.steps_max = steps_max
        self.number = 0

    def run(self):
        try:
            for self.number in range(self.steps_max):
                self.step()
        except grpc.RpcError as error:
            self.note(error)
        finally:
            self.client.close()

    def note(self, error):
        """A killed gateway is unavailable; anything else is a bug."""
        if error.code() != grpc.StatusCode.UNAVAILABLE:
            self.ledger.complain(f"{type(self).__name__} {self.seed}: {error}")

    def next_request(self, may_wait=True):
        taken = self.ledger.take_unacknowledged()
        if taken:
            return taken
        events, weights = zip(*WEIGHTS.items())
        event = self.random.choices(events, weights)[0]
        payload = self.random.randbytes(self.random.randint(1, PAYLOAD_BYTES_MAX))
        key, deliver_at = "", 0
        if self.random.random() < KEYED_CHANCE:
            key = f"{self.key_prefix}-{self.random.randrange(KEYS)}"
        elif may_wait and self.random.random() < DELAYED_CHANCE:
            # In microseconds, so that it is the same wherever it goes.
            deliver_at = int((time.time() + self.random.uniform(0, DELAY_SECONDS_MAX)) * 1e6) / 1e6
        return self.ledger.new(f"{self.seed}-{self.number}", event, payload, key, deliver_at)


class Emitter(Worker):
    """EmitEvent, and now and then the same again."""

    def step(self):
        self.send(self.next_request())

    def send(self, sent):
        try:
            for _ in range(2 if self.random.random() < AGAIN_CHANCE else 1):
                answer = self.client.emit(**self.ledger.sending(sent))
                self.ledger.acknowledged(sent, answer.trigger_id)
        except grpc.RpcError:
            self.ledger.failed(sent)
            raise


class Streamer(Worker):
    """TriggerEvent, read to its end; WatchTrigger goes on with those that an earlier kill cut."""

    def step(self):
        if self.ledger.cut and self.random.random() < 0.5:
            self.resume(*self.ledger.cut.pop())
            return
        sent = self.next_request(may_wait=False)
        try:
            updates = self.client.trigger(**self.ledger.sending(sent))
            first = next(updates)
        except grpc.RpcError:
            self.ledger.failed(sent)
            raise
        stream = Stream(first.accepted.trigger.trigger_id)
        self.ledger.streams.append(stream)
        self.ledger.acknowledged(sent, stream.trigger_id)
        self._read(stream, updates, first.resume_token)

    def resume(self, stream, token):
        stream.resumed += 1
        self._read(stream, self.client.watch(stream.trigger_id, token), token)

    def _read(self, stream, updates, token):
        try:
            for update in updates:
                token = update.resume_token or token
                note_update(stream, update)
        except grpc.RpcError:
            self.ledger.cut.append((stream, token))
            raise


def note_update(stream, update):
    """Keeps what is stored of what it tells."""
    if update.HasField("summary"):
        stream.summaries.append(pb.Trigger.State.Name(update.summary.state))
    elif update.HasField("invocation") and update.resume_token:
        stream.told.append(told(update.invocation))


def told(invocation):
    return Told(
        invocation.invocation_id, state_of(invocation), last_attempt(invocation),
        redriven(invocation), time.monotonic())


def state_of(invocation):
    return pb.Invocation.State.Name(invocation.state).removeprefix("STATE_")


def last_attempt(invocation):
    return invocation.attempts[-1].number if invocation.attempts else 0


def redriven(invocation):
    if not invocation.HasField("redrive_time"):
        return 0
    return invocation.redrive_time.ToNanoseconds()


class BatchEmitter(Worker):
    """EmitEvents with many in flight: one stream, to its end."""

    def run(self):
        self.in_flight = {}
        self.room = threading.Semaphore(IN_FLIGHT_MAX)
        self.is_over = threading.Event()
        try:
            for answer in self.client.emit_each(self._requests()):
                self._answered(answer)
        except grpc.RpcError as error:
            self.note(error)
        finally:
            self.is_over.set()
            self.client.close()
            for sequence in list(self.in_flight):
                self._give_back(sequence)

    def _requests(self):
        for self.number in range(self.steps_max):
            while not self.room.acquire(timeout=0.1):
                if self.is_over.is_set():
                    return
            sent = self.next_request()
            self.in_flight[self.number] = sent
            if self.is_over.is_set():
                self._give_back(self.number)
                return
            yield pb.EmitEventsRequest(
                sequence=self.number, emit=pb.EmitEventRequest(**self.ledger.sending(sent)))

    def _give_back(self, sequence):
        """What was not answered is to be sent again, by whoever comes first."""
        sent = self.in_flight.pop(sequence, None)
        if sent is not None:
            self.ledger.failed(sent)

    def _answered(self, answer):
        sent = self.in_flight.pop(answer.sequence, None)
        if sent is None:
            self.ledger.complain(f"EmitEvents {self.seed}: two answers for {answer.sequence}")
        elif answer.HasField("error"):
            self.ledger.complain(f"EmitEvents {self.seed}: {answer.error}")
        else:
            self.ledger.acknowledged(
                sent, answer.accepted.trigger_id, self.seed, answer.sequence)
        self.room.release()


class Meddler(Worker):
    """Cancels, pauses and resumes, takes up dead letters again."""

    def step(self):
        self.ledger.pause_for(self.random.uniform(0.02, 0.1))
        self.random.choice((self._cancel, self._cancel, self._redrive, self._retry, self._pause))()

    def _cancel(self):
        # Mostly something that waits, such as in the middle of a key's order; or anything.
        waiting = self.client.triggers.ListInvocations(pb.ListInvocationsRequest(
            states=[pb.Invocation.STATE_PENDING], page_size=30)).invocations
        candidates = [i.trigger_id for i in waiting] or [
            sent.trigger_id for sent in self.ledger.sent[-50:] if sent.acks]
        if not candidates:
            return
        trigger_id = self.random.choice(candidates)
        cancel = Cancel(trigger_id, float("inf"), {})
        # It may take effect even if nobody is told.
        self.ledger.cancels.append(cancel)
        self.client.cancel(trigger_id, "as the crash suite likes")
        cancel.at = time.monotonic()
        for invocation in self.client.invocations(
                trigger_id=trigger_id, states=[pb.Invocation.STATE_CANCELLED]):
            cancel.attempts[invocation.invocation_id] = last_attempt(invocation)

    def _redrive(self):
        name = self.random.choice(sorted(REDRIVEN))
        for subscription_id in (name, *REDRIVEN[name]):
            self.ledger.redrives.append(
                Redrive(time.monotonic(), subscription_id=subscription_id))
        self.client.redrive(subscription_id=name)

    def _retry(self):
        name = self.random.choice(sorted(REDRIVEN))
        page = self.client.triggers.ListInvocations(pb.ListInvocationsRequest(
            subscription_id=name, states=[pb.Invocation.STATE_FAILED], page_size=1))
        for failed in page.invocations:
            for invocation in self.client.invocations(trigger_id=failed.trigger_id):
                if invocation.subscription_id in (name, *REDRIVEN[name]):
                    self.ledger.redrives.append(
                        Redrive(time.monotonic(), invocation_id=invocation.invocation_id))
            self.client.retry(failed.invocation_id)

    def _pause(self):
        open_pauses = [p for p in self.ledger.pauses if p.until == float("inf")]
        if open_pauses:
            resume(self.client, open_pauses[0])
            return
        name = self.random.choice(PAUSED)
        self.client.pause(name, "as the crash suite likes")
        self.ledger.pauses.append(Pause(name, time.monotonic()))
        self.ledger.pause_for(self.random.uniform(0.6, 1.2))


def resume(client, pause):
    pause.until = time.monotonic()
    client.resume(pause.subscription_id)


class Follower(threading.Thread):
    """WatchInvocations from where the one before it stopped."""

    def __init__(self, client, follow, token):
        super().__init__(daemon=True)
        self.client = client
        self.follow = follow
        self.token = token
        self.began = queue.Queue()
        self.error = None

    def run(self):
        try:
            for answer in self.client.watch_invocations(600, resume_token=self.token):
                self.token = answer.resume_token
                if answer.HasField("invocation"):
                    self.follow.told.append(told(answer.invocation))
                self.began.put(None)
        except grpc.RpcError as error:
            self.error = error
