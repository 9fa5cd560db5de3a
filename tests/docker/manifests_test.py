# SPDX-License-Identifier: Apache-2.0
"""docker-compose.yml, the Dockerfile and the Kubernetes manifests, as far as reading them tells.

docker/test runs the first two for real; nothing here runs the third. Debian has no Compose v2: what
that refuses and 1.29 takes is looked for here.
"""
import os
import re
import shutil
import subprocess
import tempfile
import unittest

import yaml

import live

COMPOSE = yaml.safe_load((live.DOCKER / "docker-compose.yml").read_text())
OURS = ("init", "storage", "coordinator-1", "coordinator-2")
SERVERS = OURS[1:]
MEMBER = (live.DOCKER / "member").read_text()
# What docker/member starts for each of its words.
PROGRAMS = {"init": "qcctl cluster init", "storage": "qc-storage-node",
            "coordinator": "qc-coordinator"}
MANIFESTS = [document for path in sorted((live.DOCKER / "kubernetes").glob("*.yaml"))
             for document in yaml.safe_load_all(path.read_text())]


def of_kind(*kinds):
    return [document for document in MANIFESTS if document["kind"] in kinds]


def flags_of(words):
    """(program, its flags) of a command; of `sh -c "exec PROGRAM ..."` what it runs."""
    text = " ".join(words)
    program = re.search(r"\b(qc-coordinator|qc-storage-node|qcctl cluster init)\b", text).group(1)
    return program, set(re.findall(r"--([a-z-]+)", text))


def known_flags(program):
    helped = subprocess.run([live.binary(program.split()[0]), *program.split()[1:], "--help"],
                            capture_output=True, text=True, check=True)
    return set(re.findall(r"--([a-z-]+)", helped.stdout + helped.stderr))


def compose_config(*words, **environment):
    """What docker-compose 1.29 makes of the file."""
    done = subprocess.run(
        ["docker-compose", *words, "-f", live.DOCKER / "docker-compose.yml", "config"],
        capture_output=True, text=True, env={**os.environ, **environment})
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return yaml.safe_load(done.stdout)


@unittest.skipIf(shutil.which("docker-compose") is None,
                 "*** docker-compose is not installed: NOT CHECKED by it ***")
class ComposeProgramTest(unittest.TestCase):
    def test_three_storage_nodes_unless_told_otherwise(self):
        self.assertEqual(compose_config()["services"]["storage"]["scale"], 3)
        more = compose_config(QC_STORAGE_NODES="5")
        self.assertEqual(more["services"]["storage"]["scale"], 5)

    def test_the_etcd_file_moves_every_process_to_etcd(self):
        services = compose_config("--env-file", live.DOCKER / "etcd.env")["services"]
        for name in OURS:
            told = services[name]["environment"]["QC_TOPOLOGY"]
            members = re.fullmatch(r"etcd://(.*)/quorumcache", told).group(1).split(",")
            self.assertEqual(members, ["etcd-1:2379", "etcd-2:2379", "etcd-3:2379"])

    def test_another_subnet_moves_the_addresses_too(self):
        config = compose_config(QC_SUBNET="10.9.8")
        subnet = config["networks"]["cluster"]["ipam"]["config"][0]["subnet"]
        self.assertEqual(subnet, "10.9.8.0/24")
        for number in (1, 2):
            network = config["services"][f"coordinator-{number}"]["networks"]["cluster"]
            address = f"10.9.8.1{number}"
            self.assertEqual(network["ipv4_address"], address)
            hosts = config["services"]["nginx"]["extra_hosts"]
            self.assertIn(address, str(hosts))


class ComposeTest(unittest.TestCase):
    def test_only_what_both_versions_of_compose_know(self):
        known = {"build", "cap_drop", "command", "depends_on", "entrypoint", "environment",
                 "extra_hosts", "healthcheck", "hostname", "image", "mem_limit", "networks",
                 "pids_limit", "ports", "profiles", "read_only", "restart", "scale", "security_opt",
                 "stop_grace_period", "tmpfs", "ulimits", "user", "volumes"}
        for name, service in COMPOSE["services"].items():
            self.assertEqual(set(service) - known, set(), name)
            # v2 refuses to wait for a service that the profiles in use leave out.
            for waited in service.get("depends_on", {}):
                profiles = COMPOSE["services"][waited].get("profiles", [])
                self.assertLessEqual(set(profiles), set(service.get("profiles", [])), name)
            # v2 cannot scale a service whose containers want one name, port or address.
            if "scale" in service:
                self.assertFalse({"hostname", "ports", "container_name"} & set(service), name)

    def test_no_service_can_get_around_its_limits(self):
        for name, service in COMPOSE["services"].items():
            self.assertIn("mem_limit", service, name)
            self.assertIn("pids_limit", service, name)
            self.assertEqual(service["cap_drop"], ["ALL"], name)
            self.assertIn("no-new-privileges:true", service["security_opt"], name)

    def test_our_containers_run_as_their_user_on_a_read_only_system(self):
        for name in OURS:
            self.assertTrue(COMPOSE["services"][name]["read_only"], name)
            self.assertEqual(COMPOSE["services"][name]["user"], "7400:7400")

    def test_start_waits_for_health(self):
        for name in SERVERS:
            service = COMPOSE["services"][name]
            self.assertIn("qcctl", service["healthcheck"]["test"])
            self.assertEqual(service["depends_on"]["init"]["condition"],
                             "service_completed_successfully")
        waited = COMPOSE["services"]["nginx"]["depends_on"]
        self.assertEqual(waited, {name: {"condition": "service_healthy"}
                                  for name in ("coordinator-1", "coordinator-2")})

    def test_every_storage_node_has_its_data_in_a_named_volume(self):
        volumes = COMPOSE["services"]["storage"]["volumes"]
        self.assertIn("storage:/var/lib/quorumcache/data", volumes)
        self.assertIn('--data-dir "/var/lib/quorumcache/data/$ID"', MEMBER)

    def test_only_the_loopback_interface_is_published(self):
        for name, service in COMPOSE["services"].items():
            for port in service.get("ports", []):
                self.assertTrue(port.startswith("127.0.0.1:"), f"{name}: {port}")

    def test_mounted_files_exist(self):
        for name, service in COMPOSE["services"].items():
            for volume in service.get("volumes", []):
                source = volume.split(":")[0]
                if source.startswith("."):
                    self.assertTrue((live.DOCKER / source).exists(), f"{name}: {source}")
                else:
                    self.assertIn(source, COMPOSE["volumes"])

    def test_flags_exist(self):
        for role, program in PROGRAMS.items():
            pattern = r"(?s)^init\(\) \{.*?^\}" if role == "init" else rf"(?s)exec {program}\b.*?;;"
            part = re.search(pattern, MEMBER, re.MULTILINE).group()
            flags = set(re.findall(r"--([a-z-]+)", part))
            self.assertLess({"topology"}, flags)
            self.assertEqual(flags - known_flags(program), set(), role)
        added = re.search(r"qcctl (node add .*?)\s--yes", MEMBER).group(1)
        flags = set(re.findall(r"--([a-z-]+)", added)) | {"yes"}
        self.assertEqual(flags, {"address", "yes"})
        self.assertLessEqual(flags, known_flags("qcctl node add"))

    def test_commands_are_words_of_member(self):
        for name in OURS:
            self.assertEqual(COMPOSE["services"][name]["command"], ["member", name.split("-")[0]])
            self.assertRegex(MEMBER, rf"(?m)^  {name.split('-')[0]}\)$")

    def test_grace_is_longer_than_a_stop_takes(self):
        drain = int(re.search(r"--drain-delay (\d+)ms", MEMBER).group(1)) / 1000
        grace = int(COMPOSE["services"]["coordinator-1"]["stop_grace_period"].rstrip("s"))
        self.assertGreater(grace, 2 * drain + 10)

    def test_etcd_members_name_each_other(self):
        peers = ",".join(f"etcd-{number}=http://etcd-{number}:2380" for number in (1, 2, 3))
        for number in (1, 2, 3):
            service = COMPOSE["services"][f"etcd-{number}"]
            told = service["environment"]
            self.assertEqual(told["ETCD_INITIAL_CLUSTER"], peers)
            self.assertEqual(told["ETCD_NAME"], service["hostname"])
            self.assertEqual(told["ETCD_INITIAL_ADVERTISE_PEER_URLS"],
                             f"http://{service['hostname']}:2380")
            self.assertEqual(service["volumes"], [f"etcd-{number}:/etcd"])


class MemberTest(unittest.TestCase):
    """docker/member with an engine's name service and a qcctl of our own."""

    def run_member(self, role, name, qcctl):
        with tempfile.TemporaryDirectory() as directory:
            programs = {"hostname": "echo 10.74.0.130", "getent": f"echo 10.74.0.130 {name}.net",
                        "qcctl": qcctl, "sleep": "exit 0",
                        "qc-storage-node": 'echo "node $*"; exec tail -f /dev/null --pid=$(cat '
                                           f'{directory}/joiner)'}
            for program, text in programs.items():
                with open(f"{directory}/{program}", "w") as file:
                    file.write(f"#!/bin/sh\n{text}\n")
                os.chmod(f"{directory}/{program}", 0o755)
            return subprocess.run(["sh", live.DOCKER / "member", role], text=True, timeout=60,
                                  capture_output=True,
                                  env={**os.environ, "PATH": f"{directory}:{os.environ['PATH']}"})

    def test_init_names_nodes_as_compose_names_containers(self):
        for separator in ("_", "-"):
            done = self.run_member("init", f"some{separator}init{separator}1", 'echo "$*"')
            self.assertEqual(done.returncode, 0, done.stderr)
            nodes = re.findall(r"--node (\S+)", done.stdout)
            stem = f"some{separator}storage{separator}"
            self.assertEqual(nodes, [f"storage-{n}={stem}{n}:7400" for n in (1, 2, 3)])

    def test_init_fails_after_ten_tries(self):
        done = self.run_member("init", "some_init_1", "echo no; exit 5")
        self.assertEqual((done.returncode, done.stdout), (1, "no\n" * 10))

    def test_a_container_with_another_name_is_refused(self):
        for role, name in (("init", "some_init_run_1a2b"), ("storage", "storage"), ("storage", "")):
            done = self.run_member(role, name, "exit 0")
            self.assertEqual(done.returncode, 1)
            self.assertIn("not PROJECT_", done.stderr)


class ImageTest(unittest.TestCase):
    def test_image_runs_as_its_user_under_tini(self):
        text = (live.DOCKER / "Dockerfile").read_text()
        self.assertRegex(text, r"(?m)^USER quorumcache$")
        self.assertRegex(text, r'(?m)^ENTRYPOINT \["/usr/bin/tini", "--"\]$')
        self.assertEqual(len(re.findall(r"(?m)^FROM ", text)), 2)
        for name in ("build-programs", "member"):
            self.assertTrue(os.access(live.DOCKER / name, os.X_OK), name)

    def test_prebuilt_programs_are_taken(self):
        with tempfile.TemporaryDirectory() as name:
            os.makedirs(f"{name}/docker/bin")
            for program in ("qc-coordinator", "qc-storage-node", "qcctl"):
                with open(f"{name}/docker/bin/{program}", "w") as file:
                    file.write(program)
                os.chmod(f"{name}/docker/bin/{program}", 0o755)
            subprocess.run([live.DOCKER / "build-programs", f"{name}/out"], cwd=name, check=True)
            self.assertEqual(sorted(os.listdir(f"{name}/out")),
                             ["qc-coordinator", "qc-storage-node", "qcctl"])


class KubernetesTest(unittest.TestCase):
    def pods(self):
        for document in of_kind("StatefulSet", "Deployment", "Job"):
            yield document, document["spec"]["template"]

    def test_there_is_what_a_cluster_needs(self):
        names = sorted((document["kind"], document["metadata"]["name"]) for document in MANIFESTS)
        self.assertEqual(names, [
            ("Deployment", "qc-coordinator"), ("Job", "qc-init"),
            ("PersistentVolumeClaim", "qc-topology"), ("PodDisruptionBudget", "qc-coordinator"),
            ("PodDisruptionBudget", "qc-storage"), ("Service", "qc-coordinator"),
            ("Service", "qc-storage"), ("ServiceMonitor", "quorumcache"),
            ("StatefulSet", "qc-storage")])

    def test_pods_run_without_rights(self):
        for document, template in self.pods():
            self.assertTrue(template["spec"]["securityContext"]["runAsNonRoot"])
            for container in template["spec"]["containers"]:
                context = container["securityContext"]
                self.assertTrue(context["readOnlyRootFilesystem"], document["metadata"])
                self.assertFalse(context["allowPrivilegeEscalation"])
                self.assertEqual(context["capabilities"], {"drop": ["ALL"]})
                self.assertIn("memory", container["resources"]["limits"])

    def test_flags_exist(self):
        for _, template in self.pods():
            for container in template["spec"]["containers"]:
                program, flags = flags_of(container["command"])
                self.assertEqual(flags - known_flags(program), set())

    def test_probes_and_ports_are_those_of_the_programs(self):
        for document in of_kind("StatefulSet", "Deployment"):
            container = document["spec"]["template"]["spec"]["containers"][0]
            ports = {port["name"]: port["containerPort"] for port in container["ports"]}
            words = " ".join(container["command"])
            self.assertIn(f"--listen=0.0.0.0:{ports['grpc']}", words)
            self.assertIn(f"--http-listen=0.0.0.0:{ports['http']}", words)
            self.assertEqual(container["readinessProbe"]["httpGet"],
                             {"path": "/readyz", "port": "http"})
            self.assertEqual(container["livenessProbe"]["httpGet"],
                             {"path": "/livez", "port": "http"})

    def test_selectors_select(self):
        labels = {frozenset(template["metadata"]["labels"].items())
                  for document, template in self.pods() if document["kind"] != "Job"}
        for document in of_kind("Service", "PodDisruptionBudget", "StatefulSet", "Deployment"):
            selector = document["spec"]["selector"]
            selector = selector.get("matchLabels", selector)
            self.assertIn(frozenset(selector.items()), labels, document["metadata"])

    def test_init_names_the_pods_of_the_stateful_set(self):
        storage = of_kind("StatefulSet")[0]
        command = of_kind("Job")[0]["spec"]["template"]["spec"]["containers"][0]["command"]
        nodes = [word for word in command if word.startswith("--node=")]
        name, service = storage["metadata"]["name"], storage["spec"]["serviceName"]
        self.assertEqual(nodes, [f"--node={name}-{index}={name}-{index}.{service}:7400"
                                 for index in range(storage["spec"]["replicas"])])

    def test_manifests_say_that_they_have_not_run(self):
        for path in (live.DOCKER / "kubernetes").glob("*.yaml"):
            self.assertIn("CHECKED STATICALLY ONLY", path.read_text())


if __name__ == "__main__":
    unittest.main()
