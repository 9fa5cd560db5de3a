# SPDX-License-Identifier: Apache-2.0
"""Alerts and recording rules, by promtool: one case in which each alert fires, one in which not.

The cases are a table here rather than promtool's own YAML, which takes ten lines for each of these.
"""
import json
import pathlib
import re
import subprocess
import tempfile
import unittest

import yaml

import live

RULES = live.DOCKER / "prometheus"
COORDINATOR = 'job="qc-coordinator",instance="c1"'
STORAGE_NODE = 'job="qc-storage-node",instance="n1"'
GETS = 'cache_requests_total{operation="get"}'

# alert: (series that make it fire, series that do not; each "NAME{LABELS}": "values every 15 s"),
# looked at after 20 minutes. What holds for too short a time must not fire either.
CASES = {
    "QuorumCacheLostQuorum": (
        {f"cache_cluster_healthy{{{COORDINATOR}}}": "0x90"},
        {f"cache_cluster_healthy{{{COORDINATOR}}}": "0x90",
         'cache_cluster_healthy{job="qc-coordinator",instance="c2"}': "1x90"}),
    "QuorumCacheDegraded": (
        {'cache_ranges{state="quorum"}': "0x40 64x50"},
        {'cache_ranges{state="quorum"}': "0x76 64x3", 'cache_ranges{state="all_ok"}': "256x90"}),
    "QuorumCacheProcessDown": (
        {f"up{{{STORAGE_NODE}}}": "1x40 0x50"},
        {f"up{{{STORAGE_NODE}}}": "1x77 0x2", 'up{job="node-exporter"}': "0x90"}),
    "QuorumCacheNotReady": (
        {f"cache_ready{{{COORDINATOR}}}": "0x90"},
        {f"cache_ready{{{COORDINATOR}}}": "1x77 0x2"}),
    "QuorumCacheReplicaUnreachable": (
        {f'cache_replica_up{{{COORDINATOR},node="n1"}}': "1x60 0x30"},
        {f'cache_replica_up{{{COORDINATOR},node="n1"}}': "1x77 0x2"}),
    "QuorumCacheFailures": (
        {GETS: "0+100x90", 'cache_errors_total{operation="get",code="Unavailable"}': "0+2x90"},
        {GETS: "0+1000x90", 'cache_errors_total{operation="get",code="Unavailable"}': "0+2x90",
         'cache_errors_total{operation="get",code="FailedPrecondition"}': "0+500x90"}),
    "QuorumCacheUnknownOutcomes": (
        {"cache_unknown_outcomes_total": "0x70 3x20"},
        {"cache_unknown_outcomes_total": "3x90"}),
    "QuorumCacheSlow": (
        {'cache_request_latency_seconds_bucket{operation="get",le="0.1"}': "0+90x90",
         'cache_request_latency_seconds_bucket{operation="get",le="0.25"}': "0+100x90",
         'cache_request_latency_seconds_bucket{operation="get",le="+Inf"}': "0+100x90"},
        {'cache_request_latency_seconds_bucket{operation="get",le="0.1"}': "0+1000x90",
         'cache_request_latency_seconds_bucket{operation="get",le="0.25"}': "0+1001x90",
         'cache_request_latency_seconds_bucket{operation="get",le="+Inf"}': "0+1001x90"}),
    "QuorumCacheShedding": (
        {f"cache_requests_shed_total{{{COORDINATOR}}}": "0+5x90"},
        {f"cache_requests_shed_total{{{COORDINATOR}}}": "7x90"}),
    "QuorumCacheEpochsDiffer": (
        {'cache_topology_epoch{instance="a"}': "4x90",
         'cache_topology_epoch{instance="b"}': "3x90"},
        {'cache_topology_epoch{instance="a"}': "4x90",
         'cache_topology_epoch{instance="b"}': "3x77 4x13"}),
    "QuorumCacheDiskSpaceLow": (
        {"cache_disk_free_bytes": "10x90", "cache_disk_size_bytes": "100x90"},
        {"cache_disk_free_bytes": "16x90", "cache_disk_size_bytes": "100x90"}),
    "QuorumCacheReadOnly": ({"cache_read_only": "0x79 1x11"}, {"cache_read_only": "0x90"}),
    "QuorumCacheCorruption": (
        {"cache_checksum_errors_total": "0x60 1x30"}, {"cache_checksum_errors_total": "5x90"}),
    "QuorumCacheDiskSlow": (
        {"cache_wal_sync_seconds_total": "0+8x90", "cache_wal_syncs_total": "0+15x90"},
        {"cache_wal_sync_seconds_total": "0+1x90", "cache_wal_syncs_total": "0+15x90"}),
    "QuorumCacheRestarting": (
        {f"process_start_time_seconds{{{STORAGE_NODE}}}": "1x50 2x10 3x10 4x20"},
        {f"process_start_time_seconds{{{STORAGE_NODE}}}": "1x50 2x10 3x30"}),
    "QuorumCacheFileDescriptors": (
        {f"process_open_fds{{{COORDINATOR}}}": "900x90",
         f"process_max_fds{{{COORDINATOR}}}": "1000x90"},
        {f"process_open_fds{{{COORDINATOR}}}": "700x90",
         f"process_max_fds{{{COORDINATOR}}}": "1000x90"}),
}

# record: (series, value after 20 minutes)
RECORDINGS = {
    'quorumcache:requests:rate5m{operation="get"}': ({GETS: "0+150x90"}, 10),
    "quorumcache:failures:ratio_rate5m": (
        {GETS: "0+100x90", 'cache_errors_total{operation="get",code="Internal"}': "0+1x90"}, 0.01),
    "quorumcache:hits:ratio_rate5m": (
        {"cache_hits_total": "0+3x90", "cache_misses_total": "0+1x90"}, 0.75),
    'quorumcache:request_latency_seconds:p50_rate5m{operation="get"}': (
        {'cache_request_latency_seconds_bucket{operation="get",le="0.1"}': "0+100x90",
         'cache_request_latency_seconds_bucket{operation="get",le="+Inf"}': "0+100x90"}, 0.05),
}


def alerts():
    groups = yaml.safe_load((RULES / "alerts.yml").read_text())["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def input_series(series):
    return [{"series": name, "values": values} for name, values in series.items()]


def fires(alert, series):
    """Whether promtool finds it firing: an expectation of none that fails names what there was."""
    ran = run_promtool([{"interval": "15s", "input_series": input_series(series),
                         "alert_rule_test": [{"eval_time": "20m", "alertname": alert}]}])
    if ran.returncode != 0:
        assert f"alertname: {alert}" in ran.stdout + ran.stderr, ran.stdout + ran.stderr
    return ran.returncode != 0


def run_promtool(tests):
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        json.dump({"rule_files": [str(RULES / "recording.yml"), str(RULES / "alerts.yml")],
                   "evaluation_interval": "15s", "tests": tests}, file)
        file.flush()
        return subprocess.run([live.program("promtool"), "test", "rules", file.name],
                              capture_output=True, text=True)


class AlertsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        live.need("promtool")

    def test_rules_are_well_formed(self):
        for name in ("recording.yml", "alerts.yml"):
            checked = subprocess.run([live.program("promtool"), "check", "rules", RULES / name],
                                     capture_output=True, text=True)
            self.assertEqual(checked.returncode, 0, checked.stderr)

    def test_every_alert_has_its_cases(self):
        self.assertEqual(set(alerts()), set(CASES))

    def test_each_alert_fires_when_it_should(self):
        for alert, (positive, _) in CASES.items():
            with self.subTest(alert):
                self.assertTrue(fires(alert, positive))

    def test_each_alert_is_silent_when_it_should(self):
        for alert, (_, negative) in CASES.items():
            with self.subTest(alert):
                self.assertFalse(fires(alert, negative))

    def test_recorded_values_are_right(self):
        tests = [{"interval": "15s", "input_series": input_series(series),
                  "promql_expr_test": [{"expr": name, "eval_time": "20m",
                                        "exp_samples": [{"labels": name, "value": value}]}]}
                 for name, (series, value) in RECORDINGS.items()]
        ran = run_promtool(tests)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)

    def test_each_alert_says_how_bad_it_is_and_has_a_runbook(self):
        page = (live.ROOT / "docs" / "OPERATIONS.md").read_text()
        for alert, rule in alerts().items():
            self.assertIn(rule["labels"]["severity"], ("critical", "warning"))
            self.assertTrue(rule["annotations"]["summary"])
            self.assertEqual(rule["annotations"]["runbook"],
                             f"docs/OPERATIONS.md#{alert.lower()}")
            self.assertRegex(page, re.compile(rf"^\| <a id=\"{alert.lower()}\"></a>`{alert}` \|",
                                              re.MULTILINE))

    def test_prometheus_configuration_is_well_formed(self):
        """With the rules beside it, as docker-compose.yml mounts them."""
        with tempfile.TemporaryDirectory() as name:
            text = (RULES / "prometheus.yml").read_text()
            text = live.replace(text, "/etc/prometheus/rules", str(RULES))
            config = pathlib.Path(name) / "prometheus.yml"
            config.write_text(text)
            checked = subprocess.run([live.program("promtool"), "check", "config", config],
                                     capture_output=True, text=True)
        self.assertEqual(checked.returncode, 0, checked.stderr)


if __name__ == "__main__":
    unittest.main()
