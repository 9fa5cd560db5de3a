# SPDX-License-Identifier: Apache-2.0
"""Set, get and delete a key through a coordinator: python3 example.py HOST:PORT

Needs python3-grpcio and python3-protobuf, and the messages made once from our proto folder:
  protoc -I proto --python_out=OUT proto/quorumcache/v1/cache.proto proto/google/rpc/*.proto
with OUT in PYTHONPATH. Debian's protoc has no Python service plugin; the calls below need none.
"""
import sys
import uuid

import grpc
from google.rpc import error_details_pb2, status_pb2
from quorumcache.v1 import cache_pb2


def method(channel, name, request_type, response_type):
    """A callable for one unary method of CacheService."""
    return channel.unary_unary(
        f"/quorumcache.v1.CacheService/{name}",
        request_serializer=request_type.SerializeToString,
        response_deserializer=response_type.FromString,
    )


def reason_and_outcome(error):
    """(reason, outcome) of a failed call; a bare transport error means the outcome is unknown."""
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            for detail in status_pb2.Status.FromString(value).details:
                info = error_details_pb2.ErrorInfo()
                if detail.Unpack(info):
                    return info.reason, info.metadata["outcome"]
    return "", "unknown"


def main():
    channel = grpc.insecure_channel(sys.argv[1])
    get = method(channel, "Get", cache_pb2.GetRequest, cache_pb2.GetResponse)
    put = method(channel, "Set", cache_pb2.SetRequest, cache_pb2.SetResponse)
    delete = method(channel, "Delete", cache_pb2.DeleteRequest, cache_pb2.DeleteResponse)

    request = cache_pb2.SetRequest(key=b"python", value=b"hello", request_id=str(uuid.uuid4()))
    request.ttl.FromSeconds(60)
    print("set     etag", put(request, timeout=2).etag)

    reply = get(cache_pb2.GetRequest(key=b"python"), timeout=2)
    print("get    ", reply.found, reply.value.decode(), "quorum", reply.quorum.responded)

    delete(cache_pb2.DeleteRequest(key=b"python"), timeout=2)
    print("deleted", get(cache_pb2.GetRequest(key=b"python"), timeout=2).found)

    try:
        get(cache_pb2.GetRequest(key=b""), timeout=2)
    except grpc.RpcError as error:
        reason, outcome = reason_and_outcome(error)
        print("error  ", error.code().name, reason, outcome)


if __name__ == "__main__":
    main()
