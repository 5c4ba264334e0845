"""Errors as a client takes them apart: the status and its google.rpc details."""

import contextlib

import grpc
from google.protobuf.any_pb2 import Any
from google.rpc import error_details_pb2 as details
from google.rpc import status_pb2

DETAIL_TYPES = {
    f"google.rpc.{kind.DESCRIPTOR.name}": kind
    for kind in (
        details.ErrorInfo, details.BadRequest, details.ResourceInfo, details.RetryInfo,
        details.QuotaFailure, details.PreconditionFailure)
}


class Refusal:
    """What a refused call says."""

    def __init__(self, code, message, packed_status):
        self.code = code
        self.message = message
        self.details = {}
        if packed_status:
            self._unpack(status_pb2.Status.FromString(packed_status))

    @classmethod
    def of(cls, error):
        trailers = dict(error.trailing_metadata() or [])
        return cls(error.code().name, error.details(), trailers.get("grpc-status-details-bin"))

    def _unpack(self, status):
        expected = grpc.StatusCode[self.code].value[0]
        assert (status.code, status.message) == (expected, self.message), "two different statuses"
        for packed in status.details:
            name = packed.type_url.removeprefix("type.googleapis.com/")
            assert name not in self.details, f"two details of the type {name}"
            self.details[name] = _unpacked(packed, DETAIL_TYPES[name])

    @property
    def reason(self):
        info = self.details.get("google.rpc.ErrorInfo")
        if info is None:
            return None
        assert info.domain == "dispatch.events", info.domain
        return info.reason

    @property
    def fields(self):
        """Problems by field."""
        bad_request = self.details.get("google.rpc.BadRequest", details.BadRequest())
        return {v.field: v.description for v in bad_request.field_violations}

    @property
    def resource(self):
        """Type without its package, and name."""
        info = self.details.get("google.rpc.ResourceInfo")
        if info is None:
            return None
        return info.resource_type.removeprefix("dispatch.events.v1."), info.resource_name

    def __str__(self):
        return f"{self.code} {self.reason}: {self.message} {self.fields or ''}"


def _unpacked(packed: Any, kind):
    message = kind()
    assert packed.Unpack(message)
    return message


@contextlib.contextmanager
def refused(code, reason=None, field=None):
    """The block's call must be refused so. Yields a list that holds the `Refusal` afterwards."""
    seen = []
    try:
        yield seen
    except grpc.RpcError as error:
        refusal = Refusal.of(error)
        seen.append(refusal)
        assert refusal.code == code, str(refusal)
        assert reason is None or refusal.reason == reason, str(refusal)
        assert field is None or field in refusal.fields, str(refusal)
        assert refusal.message, "an error without words"
        return
    raise AssertionError(f"was not refused with {code} {reason or ''}")
