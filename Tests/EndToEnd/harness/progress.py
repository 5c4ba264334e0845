"""What a TriggerEvent stream told."""

import threading

import grpc

from harness.contract import pb
from harness.waiting import eventually

TERMINAL = {
    pb.Invocation.STATE_SUCCEEDED, pb.Invocation.STATE_FAILED,
    pb.Invocation.STATE_CANCELLED, pb.Invocation.STATE_SKIPPED,
}


class Progress:
    """A TriggerEvent stream that was read to its end, sorted by kind of update."""

    def __init__(self, stream):
        self.updates = list(stream)
        self.kinds = [update.WhichOneof("update") for update in self.updates]
        self.accepted = self._only("accepted")
        self.summary = self._only("summary")

    def _all(self, kind):
        return [getattr(u, kind) for u in self.updates if u.WhichOneof("update") == kind]

    def _only(self, kind):
        found = self._all(kind)
        assert len(found) == 1, f"{len(found)} updates of the kind {kind} in {self.kinds}"
        return found[0]

    @property
    def trigger_id(self):
        return self.accepted.trigger.trigger_id

    def changes(self, subscription_id=None):
        """Every state that was told of the subscription's invocation, in order."""
        return [i for i in self._all("invocation")
                if subscription_id in (None, i.subscription_id)]

    def states(self, subscription_id=None):
        return [pb.Invocation.State.Name(i.state).removeprefix("STATE_")
                for i in self.changes(subscription_id)]

    def outcome(self, subscription_id=None):
        """The subscription's terminal invocation."""
        ends = [i for i in self.changes(subscription_id) if i.state in TERMINAL]
        assert len(ends) == 1, f"{len(ends)} terminal updates in {self.states(subscription_id)}"
        return ends[0]

    def output(self):
        return b"".join(chunk.data for chunk in self._all("output"))

    def output_chunks(self):
        return self._all("output")

    def log_texts(self):
        return [log.line.text for log in self._all("log")]


class LiveProgress:
    """A TriggerEvent stream that is read in the background while a test does other things."""

    def __init__(self, stream):
        self.stream = stream
        self.updates = []
        self.error = None
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        try:
            for update in self.stream:
                self.updates.append(update)
        except grpc.RpcError as error:
            self.error = error

    def first(self, kind, within=15):
        """The first update of that kind, as soon as it is there."""
        def found():
            hits = [getattr(u, kind) for u in self.updates if u.WhichOneof("update") == kind]
            return hits[0] if hits else None
        return eventually(found, within, f"an update of the kind {kind}")

    def end(self, within=30):
        """Waits until the stream has ended."""
        self.thread.join(within)
        assert not self.thread.is_alive(), f"the stream is still open after {within} s"
        return self
