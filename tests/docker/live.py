# SPDX-License-Identifier: Apache-2.0
"""Real processes for the tests of docker/: a cluster, Nginx and Prometheus, all on loopback.

Everything started here is stopped here, by its pid. What is not installed skips the test, loudly.
"""
import contextlib
import itertools
import json
import os
import pathlib
import random
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"
SKIPPED = 77  # what ctest is told to take for "could not run"
START_SECONDS = 180


def need(*programs):
    """Ends the test as skipped where a program is missing."""
    missing = [name for name in programs if shutil.which(name, path=search_path()) is None]
    if not missing:
        return
    print("*" * 79)
    print(f"*** SKIPPED, NOT TESTED: no {', '.join(missing)} (TEST_PACKAGES in ./dev)")
    print("*" * 79)
    sys.exit(SKIPPED)


def search_path():
    return os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"


def program(name):
    return shutil.which(name, path=search_path())


def binary(name):
    return str(pathlib.Path(os.environ["QC_BIN_DIR"]) / name)


def can_listen(port):
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_ports(count):
    """Ports that nobody listens on just now, below those that the kernel gives to outgoing
    connections: one of these could take them before a server does."""
    candidates = random.sample(range(10_000, 32_768), 1000)
    return list(itertools.islice(filter(can_listen, candidates), count))


def wait_until(condition, what, seconds=START_SECONDS):
    """Polls `condition` until it is true; what it returned. Fails with `what` after `seconds`."""
    until = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > until:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(0.02)


def fetch(address, target, timeout=10):
    """(status, body) of a GET; (0, reason) where nobody answers."""
    try:
        with urllib.request.urlopen(f"http://{address}{target}", timeout=timeout) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError as error:
        return 0, str(error)


class Child:
    """A process that ends with its owner."""

    def __init__(self, argv, log=None, **options):
        self.log = log
        output = open(log, "ab") if log else None
        self.process = subprocess.Popen(argv, stdout=options.pop("stdout", output),
                                        stderr=options.pop("stderr", output), **options)
        if output:
            output.close()

    def stop(self, number=signal.SIGTERM, seconds=30):
        if self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode

    def log_text(self):
        return pathlib.Path(self.log).read_text(errors="replace") if self.log else ""


class Member:
    """One storage node or coordinator: its addresses, and what started it."""

    def __init__(self, facts, directory):
        self.id = facts.get("id", "")
        self.grpc, self.http, self.pid = facts["grpc"], facts["http"], facts["pid"]
        self.data_dir = facts.get("data_dir")
        raw = pathlib.Path(f"/proc/{self.pid}/cmdline").read_bytes()
        self.argv = [word.decode() for word in raw.split(b"\0")[:-1]]
        self.child = None
        self.log = directory / f"restarted-{self.grpc.rsplit(':', 1)[1]}.log"

    def ready(self):
        return fetch(self.http, "/readyz")[0] == 200

    def send(self, number):
        os.kill(self.pid, number)

    def wait_gone(self):
        if self.child is not None:
            self.child.process.wait(START_SECONDS)
            return self.child.process.returncode
        assert is_gone(self.pid, START_SECONDS), f"process {self.pid} has not ended"
        return None

    def start(self, extra=(), environment=None):
        """Not ready yet when it returns. `extra` and `environment` are added to what it had."""
        self.child = Child(self.argv + list(extra), log=self.log,
                           env={**os.environ, **(environment or {})})
        self.pid = self.child.process.pid

    def restart(self, number=signal.SIGTERM, extra=()):
        """Down by `number`, up again with the same command line, ready."""
        self.send(number)
        code = self.wait_gone()
        self.start(extra)
        try:
            wait_until(self.ready, f"{self.http} is ready")
        except AssertionError as error:
            raise AssertionError(f"{error}; exit code {self.child.process.poll()}, it says "
                                 f"{fetch(self.http, '/readyz?verbose')}, and said\n"
                                 f"{self.child.log_text()}") from None
        return code


def is_gone(pid, seconds=0):
    """Whether every thread of it has ended within `seconds`, so that its ports are free.

    Its entry in /proc is a zombie's as soon as its first thread has ended.
    """
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], seconds)[0])
    finally:
        os.close(descriptor)


class Cluster:
    """`qcctl playground`: 3 storage nodes and 2 coordinators."""

    def __init__(self, directory, *extra, keep_errors=False):
        self.directory = directory
        self.child = Child([binary("qcctl"), "playground", "--storage-nodes", "3",
                            "--coordinators", "2", "--data-dir", str(directory), "--json", *extra],
                           stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE if keep_errors else None)
        line = self.child.process.stdout.readline()
        assert line, "the playground did not start"
        facts = json.loads(line)
        self.coordinators = [Member(entry, directory) for entry in facts["coordinators"]]
        self.storage_nodes = [Member(entry, directory) for entry in facts["storage_nodes"]]

    @property
    def members(self):
        return self.coordinators + self.storage_nodes

    def exits(self):
        """Stops it; how the processes ended that qcctl itself had started."""
        self.child.process.send_signal(signal.SIGTERM)
        errors = self.child.process.stderr.read().decode()
        return re.findall(r"ended with (.*)", errors)

    def close(self):
        self.child.stop()
        for pipe in (self.child.process.stdout, self.child.process.stderr):
            if pipe is not None:
                pipe.close()
        for member in self.members:
            if member.child is not None:
                member.child.stop(signal.SIGKILL)
            elif not is_gone(member.pid):
                member.send(signal.SIGKILL)

    def wait_until_nodes_up(self, count=3):
        """Every coordinator says that exactly `count` storage nodes are up for it."""
        def agreed():
            for coordinator in self.coordinators:
                status, body = fetch(coordinator.http, "/v1/cluster/nodes")
                if status != 200:
                    return False
                nodes = json.loads(body)["nodes"]
                if sum(node["health"] == "up" for node in nodes) != count:
                    return False
            return True
        wait_until(agreed, f"{count} storage nodes are up for both coordinators")


def replace(text, pattern, new):
    """re.sub that must find something: a test must not pass because the file has changed."""
    result, count = re.subn(pattern, new, text, flags=re.MULTILINE)
    assert count > 0, f"nothing in the file matches {pattern}"
    return result


class Nginx:
    """The real Nginx with docker/nginx.conf; only addresses and paths differ."""

    def __init__(self, directory, http_upstreams, grpc_upstreams):
        need("nginx")
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(exist_ok=True)
        os.chmod(self.directory, 0o755)
        self.http_port, self.grpc_port = free_ports(2)
        self.http, self.grpc = f"127.0.0.1:{self.http_port}", f"127.0.0.1:{self.grpc_port}"
        config = self.directory / "nginx.conf"
        config.write_text(self.render(http_upstreams, grpc_upstreams))
        self.child = Child([program("nginx"), "-p", str(self.directory), "-c", str(config),
                            "-g", "daemon off;"], log=self.directory / "stderr.log")
        wait_until(lambda: fetch(self.http, "/.nginx/health")[0] == 200, "Nginx answers")

    def render(self, http_upstreams, grpc_upstreams):
        text = (DOCKER / "nginx.conf").read_text()
        for port, upstreams in (("7480", http_upstreams), ("7401", grpc_upstreams)):
            for index, address in enumerate(upstreams, 1):
                text = replace(text, rf"server coordinator-{index}:{port}\b", f"server {address}")
        text = replace(text, r"listen 8080", f"listen 127.0.0.1:{self.http_port}")
        text = replace(text, r"listen 8401", f"listen 127.0.0.1:{self.grpc_port}")
        text = replace(text, r"access_log /dev/stdout", f"access_log {self.directory}/access.log")
        return replace(text, r"/run/nginx/", f"{self.directory}/")

    def access_log(self):
        lines = (self.directory / "access.log").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def close(self):
        self.child.stop(signal.SIGQUIT)


class Prometheus:
    """The real Prometheus over the processes of a cluster."""

    def __init__(self, directory, targets, interval="1s", rules=()):
        need("prometheus", "promtool")
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(exist_ok=True)
        self.address = f"127.0.0.1:{free_ports(1)[0]}"
        self.config = self.directory / "prometheus.yml"
        self.interval, self.rules = interval, rules
        self.write_config(targets)
        self.child = Child([program("prometheus"), f"--config.file={self.config}",
                            f"--storage.tsdb.path={self.directory}/data",
                            f"--web.listen-address={self.address}"],
                           log=self.directory / "log")
        wait_until(lambda: fetch(self.address, "/-/ready")[0] == 200, "Prometheus is ready")

    def write_config(self, targets):
        self.config.write_text(json.dumps({
            "global": {"scrape_interval": self.interval, "evaluation_interval": self.interval},
            "rule_files": [str(rule) for rule in self.rules],
            "scrape_configs": [{"job_name": job, "static_configs": [{"targets": addresses}]}
                               for job, addresses in targets.items()]}))

    def reload(self, targets):
        self.write_config(targets)
        self.child.process.send_signal(signal.SIGHUP)

    def get(self, path, **parameters):
        target = f"/api/v1/{path}?" + urllib.parse.urlencode(parameters)
        status, body = fetch(self.address, target)
        reply = json.loads(body)
        assert status == 200, f"{path} {parameters}: {reply.get('error', body)}"
        return reply["data"]

    def query(self, expression):
        return self.get("query", query=expression)["result"]

    def close(self):
        self.child.stop()


def targets_of(cluster):
    return {"qc-coordinator": [member.http for member in cluster.coordinators],
            "qc-storage-node": [member.http for member in cluster.storage_nodes]}


@contextlib.contextmanager
def scratch():
    with tempfile.TemporaryDirectory(prefix="qc-ops-") as name:
        os.chmod(name, 0o755)
        yield pathlib.Path(name)


@contextlib.contextmanager
def running(thing):
    try:
        yield thing
    finally:
        thing.close()
