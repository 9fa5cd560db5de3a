# SPDX-License-Identifier: Apache-2.0
"""Every process is restarted in turn under load through Nginx, and no client notices.

SIGTERM to a coordinator: /readyz says no, requests go on being served, each HTTP connection ends
with its next answer; after --drain-delay the doors close, what is under way is answered, exit 0.
"""
import collections
import contextlib
import http.client
import os
import signal
import sys
import threading
import time
import unittest

import live

# Above keepalive_time and keepalive_timeout of docker/nginx.conf together (1 s).
DRAIN_DELAY = "1200ms"
HTTP_CLIENTS, GRPC_CLIENTS = 4, 2


class Clients:
    """Threads that write rising numbers to keys of their own, and read them back."""

    def __init__(self, nginx, message_types):
        self.nginx, self.grpc, self.pb = nginx, *message_types
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.succeeded = collections.Counter()
        self.failures = []
        turns = [self.http_turns] * HTTP_CLIENTS + [self.grpc_turns] * GRPC_CLIENTS
        self.threads = [threading.Thread(target=run, args=(f"drain-{index}",))
                        for index, run in enumerate(turns)]
        for thread in self.threads:
            thread.start()

    def record(self, kind, failure):
        with self.lock:
            if failure:
                self.failures.append(f"{kind}: {failure}")
            else:
                self.succeeded[kind] += 1

    def http_turns(self, key):
        connection = http.client.HTTPConnection(self.nginx.http, timeout=30)
        number = 0
        while not self.stopping.is_set():
            number += 1
            self.http_call(connection, "PUT", key, str(number).encode(), (201, 204), b"")
            self.http_call(connection, "GET", key, None, (200,), str(number).encode())
        connection.close()

    def http_call(self, connection, method, key, body, statuses, expected):
        try:
            connection.request(method, f"/v1/keys/{key}", body)
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            return self.record(method, repr(error))
        good = answer.status in statuses and text == expected
        return self.record(method, None if good else f"{answer.status} {text[:300]}")

    def grpc_turns(self, key):
        with self.grpc.insecure_channel(self.nginx.grpc) as channel:
            number = 0
            while not self.stopping.is_set():
                number += 1
                value = str(number).encode()
                self.grpc_call(channel, "Set", self.pb.SetRequest(key=key.encode(), value=value),
                               self.pb.SetResponse, lambda _: True)
                self.grpc_call(channel, "Get", self.pb.GetRequest(key=key.encode()),
                               self.pb.GetResponse, lambda got, value=value: got.value == value)

    def grpc_call(self, channel, method, request, response_type, is_right):
        stub = channel.unary_unary(f"/quorumcache.v1.CacheService/{method}",
                                   request_serializer=type(request).SerializeToString,
                                   response_deserializer=response_type.FromString)
        try:
            response = stub(request, timeout=30)
        except self.grpc.RpcError as error:
            return self.record(method, f"{error.code()} {error.details()}")
        return self.record(method, None if is_right(response) else f"wrong: {response}")

    def progress(self, calls):
        """Waits until every kind of call has succeeded `calls` times more."""
        with self.lock:
            goals = {kind: self.succeeded[kind] + calls for kind in ("PUT", "GET", "Set", "Get")}
        live.wait_until(lambda: all(self.succeeded[kind] >= goal for kind, goal in goals.items()),
                        "all clients make progress")

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()


def message_types():
    sys.path.insert(0, os.environ["QC_PROTO_PY_DIR"])
    import grpc
    from quorumcache.v1 import cache_pb2
    return grpc, cache_pb2


def statuses_until_gone(member, samples):
    """What /readyz and /livez answer, until nobody answers."""
    while True:
        ready, alive = (live.fetch(member.http, path)[0] for path in ("/readyz", "/livez"))
        if ready == 0 or alive == 0:
            return
        samples.append((ready, alive))
        time.sleep(0.01)


class DrainTest(unittest.TestCase):
    def setUp(self):
        live.need("nginx")
        stack = contextlib.ExitStack()
        self.addCleanup(stack.close)
        os.environ["QC_DRAIN_DELAY"] = DRAIN_DELAY
        self.addCleanup(os.environ.pop, "QC_DRAIN_DELAY")
        directory = stack.enter_context(live.scratch())
        self.cluster = stack.enter_context(live.running(live.Cluster(
            directory / "cluster", keep_errors=True)))
        members = self.cluster.coordinators
        self.nginx = stack.enter_context(live.running(live.Nginx(
            directory / "nginx", [m.http for m in members], [m.grpc for m in members])))

    def test_rolling_restart_of_every_process_fails_no_request(self):
        clients = Clients(self.nginx, message_types())
        self.addCleanup(clients.stop)
        clients.progress(50)
        for member in self.cluster.members:
            member.restart(signal.SIGTERM)
            self.cluster.wait_until_nodes_up()
            clients.progress(50)
        clients.stop()
        print(f"{dict(clients.succeeded)} succeeded, {len(clients.failures)} failed")
        self.assertEqual(clients.failures[:10], [])
        self.assertEqual(self.cluster.exits(), ["exit code 0"] * 5)

    def test_draining_coordinator_serves_while_it_says_no(self):
        member, samples = self.cluster.coordinators[0], []
        member.send(signal.SIGTERM)
        live.wait_until(lambda: not member.ready(), "/readyz says no")
        connection = http.client.HTTPConnection(member.http, timeout=30)
        connection.request("PUT", "/v1/keys/draining", b"value")
        answer = connection.getresponse()
        self.assertEqual((answer.status, answer.headers["Connection"]), (201, "close"))
        self.assertIn("cache_ready 0", live.fetch(member.http, "/metrics")[1])
        grpc_health = self.health(member.grpc)
        statuses_until_gone(member, samples)
        member.wait_gone()
        self.assertEqual(set(samples), {(503, 200)})
        self.assertEqual(grpc_health, b"\x08\x02", "NOT_SERVING")

    @staticmethod
    def health(address):
        """The answer of grpc.health.v1, as its bytes."""
        grpc, _ = message_types()
        with grpc.insecure_channel(address) as channel:
            return channel.unary_unary("/grpc.health.v1.Health/Check")(b"", timeout=30)


if __name__ == "__main__":
    unittest.main()
