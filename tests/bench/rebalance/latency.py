# SPDX-License-Identifier: Apache-2.0
"""What clients notice while partitions move: p99 before and during, in turns, on real processes.

usage: latency.py BIN_DIR [--rounds 3] [--rate 1500] [--keys 60000] [--bandwidth 0]

A round: a quiet measurement, a node joins during the next one, a quiet one, it leaves during the
next. Only the ratio of neighbours counts on a shared machine. Prints a line a measurement, and the
medians. Needs 600 MB of temporary space.
"""
import argparse
import json
import statistics
import subprocess
import tempfile
import time
import urllib.request


def free_ports(count):
    import socket
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Cluster:
    def __init__(self, options, directory):
        self.options = options
        self.bin = options.bin_dir
        self.processes = []
        playground = self.start([f"{self.bin}/qcctl", "playground", "--data-dir", directory,
                                 "--json"])
        members = json.loads(playground.stdout.readline())
        self.endpoints = ",".join(one["grpc"] for one in members["coordinators"])
        self.http = members["coordinators"][0]["http"]
        ports = free_ports(2)
        self.address = f"127.0.0.1:{ports[0]}"
        self.start([f"{self.bin}/qc-storage-node", "--node-id", "n4", "--listen", self.address,
                    "--http-listen", f"127.0.0.1:{ports[1]}", "--data-dir", f"{directory}/n4",
                    "--topology", f"file:{directory}/topology",
                    "--rebalance-bandwidth", str(options.bandwidth)])

    def start(self, argv):
        process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.processes.append(process)
        return process

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            process.wait()

    def qcctl(self, *arguments):
        argv = [f"{self.bin}/qcctl", *arguments, "--endpoints", self.endpoints]
        return subprocess.run(argv, check=True, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL).stdout

    def is_idle(self):
        with urllib.request.urlopen(f"http://{self.http}/v1/cluster/changes") as reply:
            return json.load(reply)["state"] == "idle"

    def bench(self, seconds, fill=False):
        return json.loads(self.qcctl(
            "bench", "--duration", f"{seconds}s", "--warmup", "0", f"--fill={str(fill).lower()}",
            "--rate", str(self.options.rate), "--keys", str(self.options.keys), "--value-size",
            "1000", "-o", "json"))

    def change(self, command):
        """Begins it, and measures until it is over: median p99 of a second, failures, time."""
        self.qcctl(*command, "--yes")
        windows, began = [], time.monotonic()
        while not windows or not self.is_idle():
            windows.append(summary(self.bench(1)))
        p99 = statistics.median(one[0] for one in windows)
        return p99, sum(one[1] for one in windows), time.monotonic() - began


def summary(result):
    return result["p99_us"] / 1000, result["failed"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bin_dir")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rate", type=int, default=1500)
    parser.add_argument("--keys", type=int, default=60000)
    parser.add_argument("--bandwidth", default="0")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        cluster = Cluster(options, directory + "/cluster")
        try:
            cluster.bench(1, fill=True)
            ratios = []
            for _ in range(options.rounds):
                for command in (["node", "add", "--address", cluster.address],
                                ["node", "remove", "n4"]):
                    quiet = statistics.median(summary(cluster.bench(1))[0] for _ in range(5))
                    moving, failed, seconds = cluster.change(command)
                    ratios.append(moving / quiet)
                    print(f"{command[1]:7} p99 of a second: before {quiet:.2f} ms, moving "
                          f"{moving:.2f} ms ({seconds:.1f} s), ratio {ratios[-1]:.2f}, "
                          f"{failed} failed", flush=True)
            print(f"median ratio {statistics.median(ratios):.2f}")
        finally:
            cluster.stop()


if __name__ == "__main__":
    main()
