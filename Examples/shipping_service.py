"""A gRPC function, `quote-shipping`: python3 shipping_service.py ADDRESS

It needs grpcio, and the code that grpcio-tools makes of proto/, as docs/grpc-functions.md says.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor

import grpc

from dispatch.functions.v1 import function_pb2_grpc
from dispatch.functions.v1.function_pb2 import InvokeResponse

CENTS_PER_ITEM = 250


class QuoteShipping(function_pb2_grpc.FunctionServicer):
    def Invoke(self, request, context):
        order = json.loads(request.trigger.data)
        items = sum(item["quantity"] for item in order["items"])
        if items == 0:
            # Final: no retry can mend it. UNAVAILABLE would be tried again.
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "an order without items")
        yield InvokeResponse(log=f"{items} items, attempt {request.attempt}")
        yield InvokeResponse(data_type="application/json")
        quote = {"order": order["order"], "cents": items * CENTS_PER_ITEM}
        yield InvokeResponse(output=(json.dumps(quote) + "\n").encode())


server = grpc.server(ThreadPoolExecutor(max_workers=16))
function_pb2_grpc.add_FunctionServicer_to_server(QuoteShipping(), server)
server.add_insecure_port(sys.argv[1])
server.start()
server.wait_for_termination()
