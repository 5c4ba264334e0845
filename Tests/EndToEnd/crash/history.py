"""What is known of a run once it is over: what clients were told, what functions saw, and what the
gateway says in the end.

Times are monotonic seconds of the test's process, in which clients and HTTP functions both live;
names that end in `_wall` are seconds of the system's clock.
"""

from dataclasses import dataclass, field

TERMINAL = {"SUCCEEDED", "FAILED", "CANCELLED", "SKIPPED"}


@dataclass
class Subscription:
    """What was subscribed, as far as promises depend on it."""
    subscription_id: str
    group: str = ""
    # Its function keeps a record of its runs with times: HTTP functions do, processes only of what
    # they were given.
    is_timed: bool = True
    # Triggered for each of its failures; empty for none.
    dead_letter_event: str = ""
    # The codes of errors after which it is given up.
    final_codes: frozenset = frozenset()


@dataclass
class Group:
    name: str
    # SEQUENCE, FIRST_SUCCESS or ONE_OF.
    strategy: str
    # Subscription ids in the group's order.
    members: tuple
    # Each output is the next one's payload.
    pipes: bool = False


@dataclass
class Ack:
    trigger_id: str
    at: float
    # The EmitEvents stream that told it and the message's place in it.
    stream: str = ""
    place: int = 0


@dataclass
class Sent:
    """One request, which may have been sent several times."""
    request_id: str
    event: str
    digest: str
    first_sent: float
    ordering_key: str = ""
    deliver_at_wall: float = 0
    # The subscriptions that there were each time when it was sent.
    memberships: set = field(default_factory=set)
    sendings: int = 1
    acks: list = field(default_factory=list)

    @property
    def trigger_id(self):
        return self.acks[0].trigger_id if self.acks else None

    @property
    def first_acked(self):
        return min(ack.at for ack in self.acks)


@dataclass
class Run:
    """A function was called."""
    trigger_id: str
    subscription_id: str
    attempt: int
    # When the request was read, and right before the answer was written.
    start: float
    end: float
    start_wall: float
    digest: str
    # Digest of what it gave back.
    output: str
    # Of HTTP.
    status: int
    # How many kills there had been.
    epoch: int
    # The gateway was killed before it was answered.
    is_cut: bool = False

    @property
    def succeeded(self):
        return 200 <= self.status < 300


@dataclass
class Told:
    """An invocation in a state that is stored, as a stream told it."""
    invocation_id: str
    state: str
    # The number of its last attempt.
    attempts: int
    # When it was last taken up again, in nanoseconds; 0 if it never was.
    redriven: int
    at: float

    @property
    def change(self):
        """Which of the invocation's changes it is."""
        return self.state, self.attempts, self.redriven


@dataclass
class Stream:
    """All that was told of one trigger, by TriggerEvent and the WatchTriggers that resumed it."""
    trigger_id: str
    told: list = field(default_factory=list)
    summaries: list = field(default_factory=list)
    resumed: int = 0


@dataclass
class Follow:
    """All that WatchInvocations told, over all resumptions."""
    told: list = field(default_factory=list)
    resumed: int = 0


@dataclass
class Cancel:
    """An acknowledged CancelTrigger, and the last attempts of what was CANCELLED right after it."""
    trigger_id: str
    at: float
    attempts: dict


@dataclass
class Pause:
    subscription_id: str
    acked: float
    # When the resumption was sent.
    until: float = float("inf")


@dataclass
class Redrive:
    """A request that may have taken up dead letters again, whether it was acknowledged or not."""
    sent: float
    subscription_id: str = ""
    invocation_id: str = ""


@dataclass
class Invocation:
    """As the gateway has it in the end."""
    invocation_id: str
    subscription_id: str
    state: str
    # Number and error code of each attempt.
    attempts: list
    redriven: int = 0

    @property
    def change(self):
        return self.state, self.attempts[-1][0] if self.attempts else 0, self.redriven


@dataclass
class Trigger:
    """As the gateway has it in the end."""
    trigger_id: str
    event: str
    request_id: str
    digest: str
    state: str
    metadata: dict = field(default_factory=dict)
    invocations: list = field(default_factory=list)


@dataclass
class History:
    subscriptions: dict = field(default_factory=dict)
    groups: dict = field(default_factory=dict)
    sent: list = field(default_factory=list)
    runs: list = field(default_factory=list)
    # What processes were given: trigger, subscription, digest.
    process_runs: list = field(default_factory=list)
    streams: list = field(default_factory=list)
    follows: list = field(default_factory=list)
    cancels: list = field(default_factory=list)
    pauses: list = field(default_factory=list)
    redrives: list = field(default_factory=list)
    # The gateway's final word, by trigger id.
    triggers: dict = field(default_factory=dict)
    # Errors that no client should have seen.
    unexpected: list = field(default_factory=list)
