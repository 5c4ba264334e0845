"""A worker of the event gateway in Python: decorate functions, and run.

    worker = Worker("127.0.0.1:7070")

    @worker.function("resize")
    def resize(job):
        job.log(f"attempt {job.attempt} of {job.trigger.event}")
        return b"..."                      # bytes, text, or anything that JSON can say

    worker.run()

Raise `Final` for what no retry can mend; any other exception is tried again as the subscription's
delivery policy says. SIGTERM drains: no new work, the results of what runs, and the end.

Needs grpcio, and the code that grpcio-tools makes of proto/ on the path: see docs/workers.md.
"""

import json
import logging
import queue
import random
import signal
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import grpc
from dispatch.events.v1 import trigger_pb2, worker_pb2, worker_pb2_grpc

Message = worker_pb2.WorkerMessage
log = logging.getLogger("dispatch_worker")


class Final(Exception):
    """Fails an invocation for good."""


class Job:
    """One attempt, as a function sees it."""

    def __init__(self, assignment, send):
        self._assignment = assignment
        self._send = send
        self._sent = 0
        self._lock = threading.Lock()
        self._cancelled = threading.Event()

    @property
    def trigger(self):
        """The dispatch.events.v1.Trigger: event, data, data_type, metadata and so on."""
        return self._assignment.trigger

    @property
    def data(self):
        return self._assignment.trigger.data

    @property
    def json(self):
        return json.loads(self.data)

    @property
    def invocation_id(self):
        """The same in every attempt: use it to do a thing once."""
        return self._assignment.invocation_id

    @property
    def attempt(self):
        return self._assignment.attempt

    @property
    def is_cancelled(self):
        """Whether the gateway wants no result any more. Look at it in long loops."""
        return self._cancelled.is_set()

    def write(self, output):
        """Streams a part of the output to whoever watches the trigger."""
        with self._lock:
            self._send(progress=Message.Progress(
                lease=self._assignment.lease, offset=self._sent, output=output))
            self._sent += len(output)

    def log(self, line):
        self._send(progress=Message.Progress(
            lease=self._assignment.lease, offset=self._sent,
            logs=[trigger_pb2.LogLine(text=str(line))]))


class Worker:
    def __init__(self, address, *, organization=None, name=None, concurrency=8, credentials=None):
        """`credentials`: for TLS, as of grpc.ssl_channel_credentials; without, plain text."""
        self.address = address
        self.name = name or f"python-{uuid.uuid4().hex[:8]}"
        self.concurrency = concurrency
        self._metadata = [("x-dispatch-org", organization)] if organization else []
        self._credentials = credentials
        self._session = str(uuid.uuid4())
        self._functions = {}
        self._lock = threading.Lock()
        self._running = {}   # lease: Job
        self._results = {}   # lease: Result that is not acknowledged
        self._outgoing = None
        self._is_draining = threading.Event()

    def function(self, function_id):
        def register(body):
            self._functions[function_id] = body
            return body
        return register

    def drain(self):
        """Takes no more work; `run` returns when what runs is done and acknowledged."""
        self._is_draining.set()
        self._send(drain=Message.Drain())

    def run(self):
        """Works until drained, reconnecting when the gateway is away."""
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=self.drain).start())
        pause = 0.1
        with ThreadPoolExecutor(self.concurrency) as pool:
            while not (self._is_draining.is_set() and self._is_idle()):
                try:
                    if self._serve(pool):
                        pause = 0.1
                except grpc.RpcError as error:
                    log.warning("%s: %s; again in %.1f s", self.address, error.details(), pause)
                    if error.code() == grpc.StatusCode.INVALID_ARGUMENT:
                        raise
                self._is_draining.wait(pause * random.uniform(0.8, 1.2))
                pause = min(pause * 1.6, 10)

    def _is_idle(self):
        with self._lock:
            return not self._running and not self._results

    # One connection

    def _serve(self, pool):
        """Returns once the stream ends well; whether it was welcomed."""
        outgoing = self._outgoing = queue.Queue()
        self._send(hello=Message.Hello(
            worker=self.name, session=self._session, function_ids=sorted(self._functions)))
        welcomed = False
        with self._channel() as channel:
            stream = worker_pb2_grpc.WorkerServiceStub(channel).Connect(
                iter(outgoing.get, None), metadata=self._metadata)
            try:
                for message in stream:
                    welcomed = welcomed or message.HasField("welcome")
                    self._receive(message, pool)
            finally:
                outgoing.put(None)
        return welcomed

    def _channel(self):
        if self._credentials:
            return grpc.secure_channel(self.address, self._credentials)
        return grpc.insecure_channel(self.address)

    def _send(self, **message):
        if self._outgoing:
            self._outgoing.put(Message(**message))

    def _receive(self, message, pool):
        kind = message.WhichOneof("message")
        if kind == "welcome":
            self._welcomed(set(message.welcome.leases))
        elif kind == "assignment":
            self._start(message.assignment, pool)
        elif kind == "cancel":
            self._cancel(message.cancel.lease)
        elif kind == "result_ack":
            with self._lock:
                self._results.pop(message.result_ack.lease, None)
        elif kind == "ping" and not message.ping.answer:
            self._send(ping=worker_pb2.Ping(number=message.ping.number, answer=True))

    def _welcomed(self, leases):
        """What was lost is given up, what is done is told again, and there is room for the rest."""
        with self._lock:
            for lease, job in self._running.items():
                if lease not in leases:
                    job._cancelled.set()
            results = list(self._results.values())
            room = self.concurrency - len(self._running)
        for result in results:
            self._send(result=result)
        if self._is_draining.is_set():
            self._send(drain=Message.Drain())
        elif room > 0:
            self._send(credit=Message.Credit(count=room))

    def _start(self, assignment, pool):
        job = Job(assignment, self._send)
        with self._lock:
            self._running[assignment.lease] = job
        pool.submit(self._work, assignment, job)

    def _cancel(self, lease):
        with self._lock:
            self._results.pop(lease, None)
            if lease in self._running:
                self._running[lease]._cancelled.set()

    def _work(self, assignment, job):
        self._send(started=Message.Started(lease=assignment.lease))
        result = Message.Result(lease=assignment.lease)
        try:
            output = self._functions[assignment.function_id](job)
            if output is not None:
                result.output.CopyFrom(_output(output))
        except Exception as error:
            log.info("%s failed", assignment.invocation_id, exc_info=True)
            result.error.CopyFrom(trigger_pb2.InvocationError(
                code=type(error).__name__, message=str(error), final=isinstance(error, Final)))
        with self._lock:
            del self._running[assignment.lease]
            if not job.is_cancelled:
                self._results[assignment.lease] = result
        if not job.is_cancelled:
            self._send(result=result)
        if not self._is_draining.is_set():
            self._send(credit=Message.Credit(count=1))


def _output(value):
    if isinstance(value, bytes):
        return trigger_pb2.Output(data=value, data_type="application/octet-stream")
    if isinstance(value, str):
        return trigger_pb2.Output(data=value.encode(), data_type="text/plain; charset=utf-8")
    return trigger_pb2.Output(data=json.dumps(value).encode(), data_type="application/json")
