"""A gRPC service that implements dispatch.functions.v1.Function, its functions written by a test."""

import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor

import grpc
from google.protobuf.any_pb2 import Any
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from harness.client import duration
from harness.contract import pb, services, stubs_folder

R = pb.InvokeResponse


class Invocation:
    """One call, as it came."""

    def __init__(self, request, context):
        self.request = request
        self.metadata = dict(context.invocation_metadata())
        self.seconds_left = context.time_remaining()
        self.context = context
        # Set when the call is over for its caller, whatever the function still does.
        self.ended = threading.Event()
        context.add_callback(self.ended.set)

    @property
    def data(self):
        return self.request.trigger.data

    def fail(self, code, message="", retry_after=None):
        """Ends the call with that status."""
        status = status_pb2.Status(code=code.value[0], message=message)
        if retry_after is not None:
            packed = Any()
            packed.Pack(error_details_pb2.RetryInfo(retry_delay=duration(retry_after)))
            status.details.append(packed)
        self.context.abort_with_status(rpc_status.to_status(status))


class GrpcFunctions(services.FunctionServicer):
    """Functions by their ids; everything that came is kept."""

    def __init__(self, address="127.0.0.1:0", credentials=None, options=()):
        self._functions = {}
        self._received = []
        self._changed = threading.Condition()
        self._server = grpc.server(
            ThreadPoolExecutor(32), options=[("grpc.so_reuseport", 0), *options])
        services.add_FunctionServicer_to_server(self, self._server)
        add = (lambda at: self._server.add_secure_port(at, credentials)) if credentials \
            else self._server.add_insecure_port
        self.port = add(address)
        self.address = address.rpartition(":")[0] + f":{self.port}"
        self._server.start()

    def function(self, function_id, body):
        """`body` takes an `Invocation` and gives its InvokeResponses."""
        self._functions[function_id] = body

    def received(self, function_id):
        with self._changed:
            return [i for i in self._received if i.request.function_id == function_id]

    def wait_for(self, function_id, count=1, within=20):
        """What came for the function, once there are at least `count` calls."""
        with self._changed:
            def enough():
                return sum(i.request.function_id == function_id for i in self._received) >= count
            assert self._changed.wait_for(enough, within), \
                f"{function_id} was not called {count} times"
        return self.received(function_id)

    def Invoke(self, request, context):
        invocation = Invocation(request, context)
        with self._changed:
            self._received.append(invocation)
            self._changed.notify_all()
        yield from self._functions[request.function_id](invocation) or ()

    def close(self):
        self._server.stop(0).wait()


def output(data, *more):
    """A function that says so and succeeds."""
    return lambda invocation: [R(output=data), *more]


def hang(invocation):
    """Says something, then waits for its end."""
    yield R(output=b"begun")
    invocation.ended.wait(60)


def retried(first, then=output(b"done")):
    """Fails at first with the arguments of `Invocation.fail`."""
    def body(invocation):
        if invocation.request.attempt == 1:
            invocation.fail(*first)
        return then(invocation)
    return body


class ServiceProcess:
    """A gRPC function service as a process of its own, to be killed. It gives back the attempt's
    number, but in the first attempt says `begun` and goes on for a minute."""

    SOURCE = textwrap.dedent("""
        import sys, time
        from concurrent.futures import ThreadPoolExecutor
        import grpc
        from dispatch.functions.v1 import function_pb2_grpc
        from dispatch.functions.v1.function_pb2 import InvokeResponse

        class Functions(function_pb2_grpc.FunctionServicer):
            def Invoke(self, request, context):
                if request.attempt == 1:
                    yield InvokeResponse(output=b"begun")
                    time.sleep(60)
                yield InvokeResponse(output=b"attempt %d" % request.attempt)

        server = grpc.server(ThreadPoolExecutor(4))
        function_pb2_grpc.add_FunctionServicer_to_server(Functions(), server)
        print(server.add_insecure_port(f"127.0.0.1:{sys.argv[1]}"), flush=True)
        server.start()
        server.wait_for_termination()
        """)

    def __init__(self, port=0):
        self._process = subprocess.Popen(
            [sys.executable, "-c", self.SOURCE, str(port)], stdout=subprocess.PIPE,
            env={"PYTHONPATH": stubs_folder()})
        self.port = int(self._process.stdout.readline())

    def kill(self):
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()


def chunks(data, size):
    return [R(output=data[start:start + size]) for start in range(0, len(data), size)]
