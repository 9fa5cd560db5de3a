# SPDX-License-Identifier: Apache-2.0
"""The dashboards without Grafana: their JSON, and every query asked of a real Prometheus."""
import contextlib
import json
import re
import subprocess
import sys
import unittest

import yaml

import live

GRAFANA = live.DOCKER / "grafana"
GRID_WIDTH = 24
RATE_INTERVAL = "5s"


def dashboards():
    return {path.stem: json.loads(path.read_text())
            for path in sorted((GRAFANA / "dashboards").glob("*.json"))}


def charts(board):
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def queries():
    """(dashboard, panel, expression) with Grafana's variables filled in."""
    for name, board in dashboards().items():
        for panel in charts(board):
            for target in panel["targets"]:
                expression = target["expr"].replace("$__rate_interval", RATE_INTERVAL)
                for variable in board["templating"]["list"]:
                    expression = expression.replace("$" + variable["name"], ".*")
                yield name, panel["title"], expression


class JsonTest(unittest.TestCase):
    def test_there_are_an_overview_and_a_node_dashboard_with_fixed_uids(self):
        self.assertEqual({name: board["uid"] for name, board in dashboards().items()},
                         {"overview": "quorumcache-overview", "node": "quorumcache-node"})

    def test_files_are_what_the_script_makes(self):
        before = {path: path.read_text() for path in (GRAFANA / "dashboards").glob("*.json")}
        subprocess.run([sys.executable, "-B", GRAFANA / "make_dashboards"], check=True)
        for path, text in before.items():
            made = path.read_text()
            path.write_text(text)
            self.assertEqual(made, text, f"run docker/grafana/make_dashboards: {path.name}")

    def test_panels_have_ids_of_their_own_and_do_not_overlap(self):
        for board in dashboards().values():
            ids = [panel["id"] for panel in board["panels"]]
            self.assertEqual(len(ids), len(set(ids)))
            taken = set()
            for panel in board["panels"]:
                place = panel["gridPos"]
                self.assertLessEqual(place["x"] + place["w"], GRID_WIDTH)
                cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                         for y in range(place["y"], place["y"] + place["h"])}
                self.assertFalse(cells & taken, panel["title"])
                taken |= cells

    def test_panels_say_what_they_show_and_ask_the_provisioned_source(self):
        text = (GRAFANA / "provisioning/datasources/prometheus.yml").read_text()
        uid = yaml.safe_load(text)["datasources"][0]["uid"]
        for board in dashboards().values():
            for panel in charts(board):
                self.assertTrue(panel["title"] and panel["targets"])
                self.assertTrue(panel["fieldConfig"]["defaults"]["unit"])
                for target in panel["targets"]:
                    self.assertEqual(target["datasource"]["uid"], uid)
            for variable in board["templating"]["list"]:
                self.assertEqual(variable["datasource"]["uid"], uid)

    def test_every_variable_is_used_and_every_one_used_is_there(self):
        for board in dashboards().values():
            text = json.dumps([panel.get("targets") for panel in board["panels"]])
            used = set(re.findall(r"\$(?!__)(\w+)", text))
            self.assertEqual(used, {entry["name"] for entry in board["templating"]["list"]})


class LiveTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        live.need("prometheus", "promtool")
        cls.stack = contextlib.ExitStack()
        directory = cls.stack.enter_context(live.scratch())
        cluster = cls.stack.enter_context(live.running(live.Cluster(directory / "cluster")))
        load = live.Child([live.binary("qcctl"), "bench", "-e", cluster.coordinators[0].grpc,
                           "--keys", "500", "--rate", "300", "--duration", "5m"],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        cls.stack.callback(load.stop)
        cls.prometheus = cls.stack.enter_context(live.running(live.Prometheus(
            directory / "prometheus", live.targets_of(cluster), interval="250ms",
            rules=[live.DOCKER / "prometheus/recording.yml"])))
        live.wait_until(lambda: cls.prometheus.query(
            f"sum(rate(cache_requests_total[{RATE_INTERVAL}])) > 100"), "the load shows")

    @classmethod
    def tearDownClass(cls):
        cls.stack.close()

    def test_every_expression_is_one_that_prometheus_understands(self):
        for board, panel, expression in queries():
            with self.subTest(f"{board}: {panel}"):
                self.assertTrue(self.prometheus.get("format_query", query=expression))

    def test_every_expression_shows_something_under_load(self):
        for board, panel, expression in queries():
            with self.subTest(f"{board}: {panel}"):
                found = live.wait_until(lambda: self.prometheus.query(expression),
                                        f"{expression} shows something", seconds=10)
                self.assertFalse([series for series in found if series["value"][1] == "NaN"])

    def test_every_metric_that_is_named_exists(self):
        names = set(self.prometheus.get("label/__name__/values"))
        rules = "".join((live.DOCKER / "prometheus" / name).read_text()
                        for name in ("alerts.yml", "recording.yml"))
        texts = [expression for _, _, expression in queries()]
        texts += re.findall(r"expr: (.*)", rules)
        for text in texts:
            for name in re.findall(r"\b(?:cache|process|grpc)_\w+", text):
                self.assertIn(name, names)
        self.assertTrue({name for name in names if name.startswith("quorumcache:")})


if __name__ == "__main__":
    unittest.main()
