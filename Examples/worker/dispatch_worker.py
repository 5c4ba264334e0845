"""A worker of the event gateway in Python: decorate functions, and run.

    worker = Worker("127.0.0.1:7070")

    @worker.function("resize")
    def resize(job):
        job.log(f"attempt {job.attempt} of {job.trigger.event}")
        return b"..."                      # bytes, text, or anything that JSON can say

    worker.run()

Raise `FunctionError` to say how an attempt failed, or `Final` for what no retry can mend; any other
exception is tried again as the subscription's delivery policy says. SIGTERM drains: no new work, the
results of what runs, and the end.

Needs grpcio, and the code that grpcio-tools makes of proto/ on the path: see docs/workers.md.
"""

import json
import logging
import queue
import random
import signal
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import grpc
from dispatch.events.v1 import trigger_pb2, worker_pb2, worker_pb2_grpc

Message = worker_pb2.WorkerMessage
log = logging.getLogger("dispatch_worker")

# The gateway keeps 256 KiB of an attempt's output; one byte more marks it as cut.
OUTPUT_BYTES_MAX = (256 << 10) + 1
CHUNK_BYTES_MAX = 64 << 10
LOG_LINE_BYTES_MAX = 4 << 10
WELCOME_SECONDS_MAX = 20
# Trying again would change nothing: the worker breaks a rule, may not come in, is at the wrong
# address, or another worker uses its session.
REFUSALS = {
    grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.ABORTED, grpc.StatusCode.UNIMPLEMENTED,
    grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED}


class FunctionError(Exception):
    """How an attempt failed.

    `code` is for programs (the exception's name unless given), `is_input` blames the payload,
    `is_final` says that no retry can mend it, and `retry_after` asks for that many seconds of peace.
    """

    def __init__(self, message, *, code=None, is_input=False, is_final=False, retry_after=None):
        super().__init__(message)
        self.code = code or type(self).__name__
        self.is_input = is_input
        self.is_final = is_final
        self.retry_after = retry_after


class Final(FunctionError):
    """Fails an invocation for good."""

    def __init__(self, message, *, code=None, is_input=False):
        super().__init__(message, code=code, is_input=is_input, is_final=True)


class Job:
    """One attempt, as a function sees it."""

    def __init__(self, assignment, worker):
        self._assignment = assignment
        self._worker = worker
        self._lease = assignment.lease
        self._cancelled = threading.Event()
        # Kept until the result is acknowledged: what a connection took with it is sent again.
        self._output = b""
        self._sent = 0
        self._result = None

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
    def deadline(self):
        """When the gateway gives the attempt up, a datetime in UTC."""
        return self._assignment.deadline.ToDatetime()

    @property
    def is_cancelled(self):
        """Whether the gateway wants no result any more. Look at it in long loops."""
        return self._cancelled.is_set()

    def write(self, output):
        """Streams a part of the output, bytes, to whoever watches the trigger."""
        with self._worker._lock:
            self._output += output[:OUTPUT_BYTES_MAX - len(self._output)]
            self._worker._tell(self)

    def log(self, line):
        text = str(line).encode()[:LOG_LINE_BYTES_MAX].decode(errors="ignore")
        with self._worker._lock:
            self._worker._tell(self, logs=[trigger_pb2.LogLine(text=text)])

    # What it has to tell, in order

    def _messages(self, logs):
        while self._sent < len(self._output) or logs:
            chunk = self._output[self._sent:self._sent + CHUNK_BYTES_MAX]
            yield {"progress": Message.Progress(
                lease=self._lease, offset=self._sent, output=chunk, logs=logs)}
            self._sent += len(chunk)
            logs = []
        if self._result:
            yield {"result": self._result}


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
        self._lock = threading.RLock()
        self._running = {}   # lease: Job
        self._done = {}      # lease: Job whose result is not acknowledged
        self._outgoing = queue.Queue()
        self._is_welcome = False
        self._is_draining = threading.Event()

    def function(self, function_id):
        def register(body):
            self._functions[function_id] = body
            return body
        return register

    def drain(self):
        """Takes no more work; `run` returns when what runs is done and acknowledged."""
        self._is_draining.set()
        with self._lock:
            if self._is_welcome:
                self._send(drain=Message.Drain())

    def run(self):
        """Works until drained, reconnecting when the gateway is away."""
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=self.drain).start())
        pause = 0.1
        with ThreadPoolExecutor(self.concurrency) as pool:
            while not self._is_over():
                try:
                    if self._serve(pool):
                        pause = 0.1
                except grpc.RpcError as error:
                    log.warning("%s: %s; again in %.1f s", self.address, error.details(), pause)
                    if error.code() in REFUSALS:
                        self._cancel_all()
                        raise
                self._rest(pause * random.uniform(0.8, 1.2))
                pause = min(pause * 1.6, 10)

    def _is_over(self):
        with self._lock:
            return self._is_draining.is_set() and not self._running and not self._done

    def _rest(self, seconds):
        """Cut short when there is nothing left to do."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self._is_over():
            time.sleep(0.05)

    # One connection

    def _serve(self, pool):
        """Returns once the stream ends well; whether it was welcomed."""
        outgoing = self._outgoing = queue.Queue()
        self._send(hello=Message.Hello(
            worker=self.name, session=self._session, function_ids=sorted(self._functions)))
        with self._channel() as channel:
            stream = worker_pb2_grpc.WorkerServiceStub(channel).Connect(
                iter(outgoing.get, None), metadata=self._metadata)
            hearing = Hearing(stream.cancel)
            welcomed = False
            try:
                for message in stream:
                    hearing.heard(message)
                    self._receive(message, pool)
                    welcomed = welcomed or self._is_welcome
            except grpc.RpcError:
                if not hearing.is_silent:
                    raise
                log.warning("%s: nothing was heard for too long", self.address)
            finally:
                with self._lock:
                    self._is_welcome = False
                hearing.end()
                outgoing.put(None)
        return welcomed

    def _channel(self):
        if self._credentials:
            return grpc.secure_channel(self.address, self._credentials)
        return grpc.insecure_channel(self.address)

    def _send(self, **message):
        self._outgoing.put(Message(**message))

    def _tell(self, job, logs=()):
        """Sends what of the job has not been sent on this connection; before Welcome, nothing."""
        if self._is_welcome and not job.is_cancelled:
            for message in job._messages(list(logs)):
                self._send(**message)

    def _receive(self, message, pool):
        kind = message.WhichOneof("message")
        with self._lock:
            if kind == "welcome":
                self._welcomed(set(message.welcome.leases))
            elif kind == "assignment":
                self._start(message.assignment, pool)
            elif kind == "cancel":
                self._cancel(message.cancel.lease)
            elif kind == "result_ack":
                self._done.pop(message.result_ack.lease, None)
            elif kind == "ping" and not message.ping.answer:
                self._send(ping=worker_pb2.Ping(number=message.ping.number, answer=True))

    def _welcomed(self, leases):
        """What was lost is given up, what is done is told again, and there is room for the rest."""
        self._is_welcome = True
        # Those whose assignments were lost with the last connection come again, without credit.
        room = self.concurrency - len(self._running) - len(
            leases - self._running.keys() - self._done.keys())
        for lease, job in self._running.items():
            if lease in leases:
                self._send(started=Message.Started(lease=lease))
            else:
                job._cancelled.set()
        for job in [*self._running.values(), *self._done.values()]:
            job._sent = 0
            self._tell(job)
        if self._is_draining.is_set():
            self._send(drain=Message.Drain())
        elif room > 0:
            self._send(credit=Message.Credit(count=room))

    def _start(self, assignment, pool):
        """Told again of what it has already, if the gateway had not heard of the start."""
        if assignment.lease in self._running or assignment.lease in self._done:
            return
        job = self._running[assignment.lease] = Job(assignment, self)
        self._send(started=Message.Started(lease=assignment.lease))
        pool.submit(self._work, assignment, job)

    def _cancel(self, lease):
        self._done.pop(lease, None)
        if lease in self._running:
            self._running[lease]._cancelled.set()

    def _cancel_all(self):
        with self._lock:
            for job in self._running.values():
                job._cancelled.set()

    def _work(self, assignment, job):
        result = Message.Result(lease=assignment.lease)
        try:
            output = self._functions[assignment.function_id](job)
            if output is not None:
                data, result.output.data_type = _output(output)
                job.write(data)
        except Exception as error:
            log.info("%s failed", assignment.invocation_id, exc_info=True)
            result.error.CopyFrom(_error(error))
        with self._lock:
            del self._running[assignment.lease]
            if not job.is_cancelled:
                job._result = result
                self._done[assignment.lease] = job
                self._tell(job)
            if self._is_welcome and not self._is_draining.is_set():
                self._send(credit=Message.Credit(count=1))


class Hearing:
    """Gives a connection up on which nothing is heard for two of the gateway's ping intervals."""

    def __init__(self, give_up):
        self.is_silent = False
        self._give_up = give_up
        self._patience = WELCOME_SECONDS_MAX
        self._last = time.monotonic()
        self._over = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def heard(self, message):
        self._last = time.monotonic()
        if message.HasField("welcome"):
            self._patience = 2 * message.welcome.ping_interval.ToNanoseconds() / 1e9

    def end(self):
        self._over.set()

    def _watch(self):
        while not self._over.wait(min(self._patience / 4, 1)):
            if time.monotonic() - self._last > self._patience:
                self.is_silent = True
                return self._give_up()


def _output(value):
    if isinstance(value, bytes):
        return value, "application/octet-stream"
    if isinstance(value, str):
        return value.encode(), "text/plain; charset=utf-8"
    return json.dumps(value).encode(), "application/json"


def _error(error):
    if not isinstance(error, FunctionError):
        error = FunctionError(str(error), code=type(error).__name__)
    kind = trigger_pb2.InvocationError
    told = kind(
        error_class=kind.ERROR_CLASS_INPUT if error.is_input else kind.ERROR_CLASS_FUNCTION,
        code=error.code[:64], message=str(error)[:2_000], final=error.is_final)
    if error.retry_after is not None:
        told.retry_after.FromMilliseconds(round(error.retry_after * 1_000))
    return told
