# SPDX-License-Identifier: Apache-2.0
"""docker/nginx.conf on the real Nginx: nothing is sent twice, and every byte of a key arrives."""
import contextlib
import http.client
import json
import os
import socket
import sys
import threading
import unittest

import live
from fake_upstream import FakeUpstream, always, hang_up, reply

WRITES = ("PUT", "DELETE", "POST", "PATCH")
BODY_BYTES = 16 << 20


def call(address, method, target, body=None, headers=None):
    """(status, headers, body); the target goes out as it is."""
    connection = http.client.HTTPConnection(address, timeout=30)
    try:
        connection.putrequest(method, target, skip_accept_encoding=True)
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def exchange(address, text):
    """All that comes back for raw bytes."""
    host, port = address.split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(text)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
        return received


HELD = []  # bound and never listened on, so that nobody else gets the port


def closed_address():
    """Where every connect is refused."""
    HELD.append(socket.socket())
    HELD[-1].bind(("127.0.0.1", 0))
    return f"127.0.0.1:{HELD[-1].getsockname()[1]}"


class FakeUpstreamTest(unittest.TestCase):
    """Nginx between clients and upstreams that count what they are sent."""

    def setUp(self):
        live.need("nginx")
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.directory = self.stack.enter_context(live.scratch())

    def upstream(self, answer):
        return self.stack.enter_context(live.running(FakeUpstream(answer)))

    def nginx(self, *addresses, grpc=None):
        server = live.Nginx(self.directory / f"nginx-{len(list(self.directory.iterdir()))}",
                            addresses, grpc or [closed_address(), closed_address()])
        return self.stack.enter_context(live.running(server))

    def problem(self, answer, status, outcome):
        self.assertEqual(answer[0], status)
        self.assertEqual(answer[1]["Content-Type"], "application/problem+json")
        self.assertEqual(answer[1]["Cache-Control"], "no-store")
        problem = json.loads(answer[2])
        self.assertEqual((problem["status"], problem["outcome"]), (status, outcome))
        self.assertTrue(problem["code"] and problem["request_id"])

    def test_write_answered_503_goes_to_one_coordinator_only(self):
        first, second = self.upstream(always(503, b"first")), self.upstream(always(503, b"first"))
        nginx = self.nginx(first.address, second.address)
        for method in WRITES:
            status, _, body = call(nginx.http, method, "/v1/keys/k", b"v")
            self.assertEqual((status, body), (503, b"first"), "the coordinator's own answer")
        self.assertEqual(len(first.requests) + len(second.requests), len(WRITES))

    def test_write_whose_coordinator_dies_is_not_sent_again_and_unknown(self):
        first, second = self.upstream(hang_up), self.upstream(hang_up)
        for count, method in enumerate(WRITES, 1):
            nginx = self.nginx(first.address, second.address)
            answer = call(nginx.http, method, "/v1/keys/k", b"v", {"X-Request-Id": "mine"})
            self.problem(answer, 502, "unknown")
            self.assertEqual(answer[1]["X-Request-Id"], "mine")
            self.assertEqual(len(first.requests) + len(second.requests), count)

    def test_write_that_could_not_be_sent_goes_to_the_other_coordinator(self):
        good = self.upstream(always(204))
        nginx = self.nginx(closed_address(), good.address)
        body = os.urandom(3 << 20)  # more than Nginx keeps in memory
        for method in WRITES:
            for _ in range(3):
                self.assertEqual(call(nginx.http, method, "/v1/keys/k", body)[0], 204)
        self.assertEqual(len(good.requests), 3 * len(WRITES))
        self.assertTrue(all(request.endswith(body) for request in good.requests))

    def test_read_is_tried_elsewhere_when_its_coordinator_dies(self):
        bad, good = self.upstream(hang_up), self.upstream(always(200, b"value"))
        nginx = self.nginx(bad.address, good.address)
        for _ in range(4):
            self.assertEqual(call(nginx.http, "GET", "/v1/keys/k")[::2], (200, b"value"))
        self.assertEqual(call(nginx.http, "HEAD", "/v1/keys/k")[0], 200)

    def test_nobody_there_is_a_problem_that_was_not_applied(self):
        nginx = self.nginx(closed_address(), closed_address())
        for method in ("GET", "PUT", "DELETE"):
            for _ in range(3):  # tried and refused, then known to be down
                self.problem(call(nginx.http, method, "/v1/keys/k"), 502, "not_applied")

    def test_what_nginx_refuses_itself_is_a_problem(self):
        upstream = self.upstream(always(200))
        nginx = self.nginx(upstream.address, upstream.address)
        self.problem(call(nginx.http, "GET", "/v1/keys/a%00b"), 400, "not_applied")
        self.problem(call(nginx.http, "PUT", "/v1/keys/k", None,
                          {"Content-Length": str(200 << 20)}), 413, "not_applied")
        self.problem(call(nginx.http, "GET", "/v1/keys/" + "a" * 40000), 414, "not_applied")
        self.assertEqual(upstream.requests, [])

    def test_path_arrives_as_it_was_sent(self):
        upstream = self.upstream(always(200))
        nginx = self.nginx(upstream.address, upstream.address)
        every_byte = "".join(f"%{byte:02X}" for byte in range(1, 256))
        targets = ["/v1/keys/a%2Fb%2fc", "/v1/keys/user:42:name", "/v1/keys/a%25b%2525",
                   "/v1/keys/%C3%BC%ff%FE", "/v1/keys/a//b///c", "/v1/keys/.%2e%2E",
                   "/v1/keys/a%3Fb%23c?ttl=60s&consistency=quorum", "/v1/keys/a+b%20c%2Bd",
                   "/v1/keys/~!$&'()*,;=@", f"/v1/keys/{every_byte}",
                   "/v1/keys/" + "%41" * 4096, "/v1/keys:multiGet?x=%7B%7d"]
        for target in targets:
            for method in ("GET", "PUT"):
                call(nginx.http, method, target)
                self.assertEqual(upstream.lines()[-1], f"{method} {target} HTTP/1.1".encode())

    def test_headers_that_mean_something_arrive(self):
        upstream = self.upstream(always(200))
        nginx = self.nginx(upstream.address, upstream.address)
        sent = {"If-Match": '"1.2.3"', "Idempotency-Key": "i", "X-Timeout-Ms": "50",
                "X-Request-Id": "r", "Content-Type": "text/x-mine"}
        call(nginx.http, "PUT", "/v1/keys/k", b"v", sent)
        for name, value in sent.items():
            self.assertIn(f"\r\n{name}: {value}\r\n".encode(), upstream.requests[0])
        call(nginx.http, "PUT", "/v1/keys/k", b"v")
        self.assertRegex(upstream.requests[1], rb"\r\nX-Request-Id: [0-9a-f]{32}\r\n")

    def test_sixteen_megabytes_go_through_both_ways(self):
        body = os.urandom(BODY_BYTES)
        upstream = self.upstream(lambda request, connection: connection.sendall(
            reply(200, request.split(b"\r\n\r\n", 1)[1])))
        nginx = self.nginx(upstream.address, upstream.address)
        self.assertEqual(call(nginx.http, "PUT", "/v1/keys/k", body)[::2], (200, body))

    def test_events_come_one_by_one(self):
        """The second event is not made before the client has the first."""
        seen = threading.Event()

        def events(_, connection):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
                               b"data: first\n\n")
            if seen.wait(30):
                connection.sendall(b"data: second\n\n")

        upstream = self.upstream(events)
        nginx = self.nginx(upstream.address, upstream.address)
        connection = http.client.HTTPConnection(nginx.http, timeout=30)
        connection.request("GET", "/v1/events")
        answer = connection.getresponse()
        self.assertEqual(answer.readline(), b"data: first\n")
        seen.set()
        self.assertIn(b"data: second\n", answer.read())
        connection.close()

    def test_keys_are_not_logged(self):
        upstream = self.upstream(always(200))
        nginx = self.nginx(upstream.address, upstream.address)
        call(nginx.http, "PUT", "/v1/keys/secret-key?ttl=5s", b"secret-value",
             {"X-Request-Id": 'a"b'})
        lines = live.wait_until(nginx.access_log, "the request is logged")
        self.assertEqual((lines[0]["method"], lines[0]["status"], lines[0]["request_id"]),
                         ("PUT", 200, 'a"b'))
        self.assertNotIn("secret", json.dumps(lines))

    def test_pipelined_garbage_is_refused(self):
        upstream = self.upstream(always(200))
        nginx = self.nginx(upstream.address, upstream.address)
        answer = exchange(nginx.http, b"BROKEN\r\n\r\n")
        self.assertIn(b"400", answer.split(b"\r\n")[0])
        self.assertEqual(upstream.requests, [])


class ClusterTest(unittest.TestCase):
    """Nginx in front of a real cluster."""

    @classmethod
    def setUpClass(cls):
        live.need("nginx")
        os.environ["QC_MAX_VALUE_SIZE"] = "32MiB"
        cls.stack = contextlib.ExitStack()
        directory = cls.stack.enter_context(live.scratch())
        cls.cluster = cls.stack.enter_context(live.running(live.Cluster(directory / "cluster")))
        members = cls.cluster.coordinators
        cls.nginx = cls.stack.enter_context(live.running(live.Nginx(
            directory / "nginx", [m.http for m in members], [m.grpc for m in members])))

    @classmethod
    def tearDownClass(cls):
        cls.stack.close()

    def test_key_of_every_byte_is_the_same_with_and_without_nginx(self):
        for key in (bytes(range(1, 256)), b"a/b//c", b"%2F", b"..", b"user:1?x#y", b"\xff\xfe"):
            target = "/v1/keys/" + "".join(f"%{byte:02x}" for byte in key)
            self.assertIn(call(self.nginx.http, "PUT", target, key)[0], (201, 204))
            for coordinator in self.cluster.coordinators:
                self.assertEqual(call(coordinator.http, "GET", target)[::2], (200, key))
            self.assertEqual(call(self.nginx.http, "GET", target)[::2], (200, key))

    def test_compare_and_set_succeeds_once(self):
        self.assertEqual(call(self.nginx.http, "PUT", "/v1/keys/cas", b"1",
                              {"If-None-Match": "*"})[0], 201)
        etag = call(self.nginx.http, "GET", "/v1/keys/cas")[1]["ETag"]
        self.assertEqual(call(self.nginx.http, "PUT", "/v1/keys/cas", b"2",
                              {"If-Match": etag})[0], 204)
        self.assertEqual(call(self.nginx.http, "PUT", "/v1/keys/cas", b"3",
                              {"If-Match": etag})[0], 412)

    def test_sixteen_megabytes_are_stored_and_read(self):
        body = os.urandom(BODY_BYTES)
        self.assertIn(call(self.nginx.http, "PUT", "/v1/keys/large?ttl=60s", body,
                           {"X-Timeout-Ms": "30000"})[0], (201, 204))
        status, _, read = call(self.nginx.http, "GET", "/v1/keys/large", None,
                               {"X-Timeout-Ms": "30000"})
        self.assertEqual((status, read == body), (200, True))

    def test_coordinators_own_errors_are_passed_on(self):
        status, headers, body = call(self.nginx.http, "GET", "/v1/namespaces/none/keys/k")
        self.assertEqual((status, headers["Content-Type"]), (404, "application/problem+json"))
        self.assertEqual(json.loads(body)["code"], "NAMESPACE_NOT_FOUND")


class GrpcTest(unittest.TestCase):
    """The generated messages of tests/integration (QC_PROTO_PY_DIR), through grpc_pass."""

    @classmethod
    def setUpClass(cls):
        live.need("nginx")
        sys.path.insert(0, os.environ["QC_PROTO_PY_DIR"])
        import grpc
        from quorumcache.v1 import cache_pb2
        cls.grpc, cls.pb = grpc, cache_pb2
        cls.stack = contextlib.ExitStack()
        directory = cls.stack.enter_context(live.scratch())
        cls.cluster = cls.stack.enter_context(live.running(live.Cluster(directory / "cluster")))
        members = cls.cluster.coordinators
        cls.nginx = cls.stack.enter_context(live.running(live.Nginx(
            directory / "nginx", [m.http for m in members], [m.grpc for m in members])))
        cls.nobody = cls.stack.enter_context(live.running(live.Nginx(
            directory / "nobody", [closed_address()] * 2, [closed_address()] * 2)))

    @classmethod
    def tearDownClass(cls):
        cls.stack.close()

    def unary(self, channel, method, request, response_type):
        stub = channel.unary_unary(f"/quorumcache.v1.CacheService/{method}",
                                   request_serializer=type(request).SerializeToString,
                                   response_deserializer=response_type.FromString)
        return stub(request, timeout=30)

    def channel(self, nginx):
        options = [("grpc.max_receive_message_length", 64 << 20)]
        return self.grpc.insecure_channel(nginx.grpc, options=options)

    def test_binary_key_and_value_survive(self):
        key = value = bytes(range(256))
        with self.channel(self.nginx) as channel:
            self.unary(channel, "Set", self.pb.SetRequest(key=key, value=value),
                       self.pb.SetResponse)
            got = self.unary(channel, "Get", self.pb.GetRequest(key=key), self.pb.GetResponse)
        self.assertEqual((got.found, got.value), (True, value))

    def test_errors_keep_their_details(self):
        with self.channel(self.nginx) as channel, self.assertRaises(self.grpc.RpcError) as raised:
            self.unary(channel, "Get", self.pb.GetRequest(key=b""), self.pb.GetResponse)
        self.assertEqual(raised.exception.code(), self.grpc.StatusCode.INVALID_ARGUMENT)
        self.assertIn("grpc-status-details-bin", dict(raised.exception.trailing_metadata()))

    def test_pipeline_streams_both_ways_at_once(self):
        """Each request is made only when the answer to the one before has come."""
        answered = threading.Semaphore(1)

        def requests():
            for number in range(20):
                if not answered.acquire(timeout=30):
                    return
                request = self.pb.PipelineRequest()
                request.operations.add(id=number).get.key = b"pipelined"
                yield request

        with self.channel(self.nginx) as channel:
            stub = channel.stream_stream(
                "/quorumcache.v1.CacheService/Pipeline",
                request_serializer=self.pb.PipelineRequest.SerializeToString,
                response_deserializer=self.pb.PipelineResponse.FromString)
            ids = []
            for response in stub(requests(), timeout=30):
                ids.extend(result.id for result in response.results)
                answered.release()
        self.assertEqual(ids, list(range(20)))

    def test_nobody_there_is_unavailable_without_details(self):
        with self.channel(self.nobody) as channel, self.assertRaises(self.grpc.RpcError) as raised:
            self.unary(channel, "Get", self.pb.GetRequest(key=b"k"), self.pb.GetResponse)
        self.assertEqual(raised.exception.code(), self.grpc.StatusCode.UNAVAILABLE)
        self.assertNotIn("grpc-status-details-bin", dict(raised.exception.trailing_metadata()))


if __name__ == "__main__":
    unittest.main()
