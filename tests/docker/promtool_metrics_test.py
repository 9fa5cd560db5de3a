# SPDX-License-Identifier: Apache-2.0
"""/metrics of both kinds of process: promtool's rules, the names, the number of series."""
import re
import subprocess
import unittest

import live

SERIES_MAX = 2000  # a process

OPERATIONS = live.ROOT / "docs" / "OPERATIONS.md"

# Fixed by the product's origin.
OF_THE_ORIGIN = {"cache_hits_total", "cache_misses_total", "cache_requests_total",
                 "cache_request_latency_seconds"}


def documented(kind):
    """The names in the table headed by `kind` in the chapter on metrics."""
    chapter = re.search(r"^## 4\. Metrics\n(.*?)^## ", OPERATIONS.read_text(), re.M | re.S)[1]
    table = re.search(rf"^\| {kind} \| \|\n((?:\|.*\n)+)", chapter, re.M)[1]
    names = set()
    for cell in re.findall(r"^\| (`.*?) \|", table, re.M):
        for quoted in re.findall(r"`(.*?)`", cell):
            stem, _, rest = quoted.partition("{")
            # name_{a,b} is two names, name{a} one with a label.
            endings = rest.rstrip("}").split(",") if stem.endswith("_") else [""]
            names.update(stem + ending for ending in endings)
    return names


BOTH = documented("both")
COORDINATOR = documented("coordinator") | BOTH | {"grpc_server_started_total",
                                                  "grpc_server_handled_total"}
STORAGE_NODE = documented("storage node") | BOTH

# The buckets of the product's origin: dashboards depend on them.
LATENCY_BUCKETS = [5e-05, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                   0.25, 0.5, 1, 2.5, 5, float("inf")]


def families(text):
    return dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, flags=re.MULTILINE))


def samples(text):
    return {name: float(value)
            for name, value in re.findall(r"^([^#\s]\S*(?:\{.*\})?) (\S+)$", text, re.MULTILINE)}


class PromtoolMetricsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        live.need("promtool")
        cls.stack = live.contextlib.ExitStack()
        directory = cls.stack.enter_context(live.scratch())
        cls.cluster = cls.stack.enter_context(live.running(live.Cluster(directory / "cluster")))
        subprocess.run([live.binary("qcctl"), "bench", "-e", cls.cluster.coordinators[0].grpc,
                        "--keys", "100", "--duration", "200ms", "--warmup", "0"], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # What is a state is published once a second.
        live.wait_until(cls.sent_requests_show, "a coordinator shows what it sent")
        live.wait_until(cls.unused_has_published, "the other coordinator shows its replicas")

    @classmethod
    def tearDownClass(cls):
        cls.stack.close()

    @classmethod
    def sent_requests_show(cls):
        sent = samples(cls.page(cls.cluster.coordinators[0]))
        return all(sent.get(f'cache_replica_requests_total{{node="n{i}"}}', 0) > 0
                   for i in (1, 2, 3))

    @classmethod
    def unused_has_published(cls):
        return any(name.startswith("cache_replica_up{")
                   for name in samples(cls.page(cls.cluster.coordinators[1])))

    @staticmethod
    def page(member):
        status, text = live.fetch(member.http, "/metrics")
        assert status == 200, text
        return text

    def kinds(self):
        return ((COORDINATOR, self.cluster.coordinators[0]),
                (STORAGE_NODE, self.cluster.storage_nodes[0]))

    def test_promtool_has_no_complaint(self):
        for _, member in self.kinds():
            checked = subprocess.run([live.program("promtool"), "check", "metrics"],
                                     input=self.page(member), text=True, capture_output=True)
            self.assertEqual((checked.returncode, checked.stdout, checked.stderr), (0, "", ""))

    def test_promtool_complains_about_a_bad_page(self):
        checked = subprocess.run([live.program("promtool"), "check", "metrics"], text=True,
                                 input="# TYPE cacheHits counter\ncacheHits 1\n",
                                 capture_output=True)
        self.assertNotEqual(checked.returncode, 0)

    def test_every_documented_metric_is_exported_and_has_a_series(self):
        for names, member in self.kinds():
            page = self.page(member)
            series = {re.split(r"[{ ]", name)[0] for name in samples(page)}
            self.assertGreater(len(names), 30)
            self.assertEqual(names - set(families(page)), set(), "documented, not exported")
            for name in names:
                self.assertTrue({name, name + "_bucket"} & series, f"{name} has no series")

    def test_every_exported_metric_is_documented(self):
        for names, member in self.kinds():
            self.assertEqual(set(families(self.page(member))) - names, set(),
                             "exported, not documented")

    def test_the_names_of_the_origin_are_there(self):
        self.assertEqual(OF_THE_ORIGIN - COORDINATOR, set())

    def test_series_are_bounded(self):
        for _, member in self.kinds():
            count = len(samples(self.page(member)))
            print(f"{member.http}: {count} series")
            self.assertLess(count, SERIES_MAX)

    def test_all_series_are_there_before_the_first_request(self):
        """The coordinator that served nothing has the series of the one that did."""
        used, unused = (set(samples(self.page(member))) for member in self.cluster.coordinators)
        self.assertEqual(used, unused)

    def test_latency_buckets_are_those_of_the_origin(self):
        bounds = re.findall(r'^cache_request_latency_seconds_bucket\{operation="get",le="([^"]+)"',
                            self.page(self.cluster.coordinators[0]), flags=re.MULTILINE)
        self.assertEqual([float(bound) for bound in bounds], LATENCY_BUCKETS)

    def test_requests_are_counted_where_they_went(self):
        page = samples(self.page(self.cluster.coordinators[0]))
        self.assertGreaterEqual(page['cache_requests_total{operation="set"}'], 100)
        self.assertEqual(page['cache_requests_total{operation="get"}'],
                         page["cache_hits_total"] + page["cache_misses_total"])
        accepted = sum(samples(self.page(node))['cache_replica_requests_total{kind="accept"}']
                       for node in self.cluster.storage_nodes)
        self.assertGreaterEqual(accepted, 2 * page['cache_requests_total{operation="set"}'])


if __name__ == "__main__":
    unittest.main()
