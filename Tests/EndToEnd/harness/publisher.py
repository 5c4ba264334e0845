"""Publishers that trigger in a loop while the gateway may be killed under them, and what they were
told: the crash test judges the gateway by nothing else."""

import random
import threading
from dataclasses import dataclass, field

import grpc

from harness.contract import pb
from harness.progress import TERMINAL

PAYLOAD_BYTES_MAX = 3000
AGAIN_CHANCE = 0.05


@dataclass
class Sent:
    """One request, which may be sent several times until it is acknowledged."""
    request_id: str
    event: str
    payload: bytes
    # The subscriptions that there were at each time it was sent.
    memberships: set = field(default_factory=set)
    # What it was acknowledged with; more than one would be a bug.
    trigger_ids: set = field(default_factory=set)
    # Terminal invocations that the stream told of.
    told: list = field(default_factory=list)


class History:
    """All that was sent in all rounds, by several threads."""

    def __init__(self):
        self.sent = []
        self.unacknowledged = []
        self.acknowledgements = 0
        self._changed = threading.Condition()

    def take_unacknowledged(self):
        with self._changed:
            return self.unacknowledged.pop() if self.unacknowledged else None

    def add(self, sent):
        with self._changed:
            self.sent.append(sent)

    def failed(self, sent):
        with self._changed:
            self.unacknowledged.append(sent)

    def acknowledged(self, sent, trigger_id):
        with self._changed:
            sent.trigger_ids.add(trigger_id)
            self.acknowledgements += 1
            self._changed.notify_all()

    def wait_for_acknowledgements(self, count, within):
        """Returns at `within` seconds at the latest: a kill may come at any moment."""
        with self._changed:
            self._changed.wait_for(lambda: self.acknowledgements >= count, within)


class Publisher(threading.Thread):
    """Sends one trigger after another until the gateway goes away."""

    def __init__(self, client, history, subscriptions_of, seed, *, streams, sends_max):
        """`streams`: by TriggerEvent, else by EmitEvent."""
        super().__init__(daemon=True)
        self.client = client
        self.history = history
        self.subscriptions_of = subscriptions_of
        self.random = random.Random(seed)
        self.seed = seed
        self.send = self._stream if streams else self._emit
        self.sends_max = sends_max
        self.unexpected = None

    def run(self):
        for number in range(self.sends_max):
            sent = self.history.take_unacknowledged() or self._new(number)
            sent.memberships.add(frozenset(self.subscriptions_of[sent.event]))
            try:
                self.send(sent)
                if self.random.random() < AGAIN_CHANCE:
                    self.send(sent)
            except grpc.RpcError as error:
                self._note(sent, error)
                return

    def _note(self, sent, error):
        """A killed gateway is unavailable; any other error is a bug."""
        if error.code() != grpc.StatusCode.UNAVAILABLE:
            self.unexpected = error
        if not sent.trigger_ids:
            self.history.failed(sent)

    def _new(self, number):
        sent = Sent(
            f"{self.seed}-{number}", self.random.choice(sorted(self.subscriptions_of)),
            self.random.randbytes(self.random.randint(1, PAYLOAD_BYTES_MAX)))
        self.history.add(sent)
        return sent

    def _emit(self, sent):
        answer = self.client.emit(sent.event, sent.payload, request_id=sent.request_id)
        self.history.acknowledged(sent, answer.trigger_id)

    def _stream(self, sent):
        for update in self.client.trigger(sent.event, sent.payload, request_id=sent.request_id):
            if update.HasField("accepted"):
                self.history.acknowledged(sent, update.accepted.trigger.trigger_id)
            elif update.HasField("invocation") and update.invocation.state in TERMINAL:
                told = pb.Invocation()
                told.CopyFrom(update.invocation)
                sent.told.append(told)
