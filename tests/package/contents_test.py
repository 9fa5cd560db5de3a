# SPDX-License-Identifier: Apache-2.0
"""What the Debian packages put where, judged on `cmake --install` of each component.

usage: contents_test.py BUILD_DIR
"""
import gzip
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
SERVERS = ("qc-coordinator", "qc-storage-node")
PAGES = {"qc-coordinator": 8, "qc-storage-node": 8, "qcctl": 1}
# Of systemd-analyze security, 0 to 100; what is left is the network.
EXPOSURE_MAX = 20
build_dir = pathlib.Path()


def run(*command, **options):
    words = [str(word) for word in command]
    return subprocess.run(words, capture_output=True, text=True, **options)


def options_of(help_text):
    return set(re.findall(r"^  (?:-\w, )?--([\w-]+)", help_text, re.MULTILINE))


class ContentsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.roots = {}
        for component in ("server", "cli"):
            root = pathlib.Path(cls.directory.name) / component
            done = run("cmake", "--install", build_dir, "--prefix", "/usr",
                       "--component", component,
                       env={**os.environ, "DESTDIR": str(root)})
            assert done.returncode == 0, done.stderr
            cls.roots[component] = root

    @classmethod
    def tearDownClass(cls):
        cls.directory.cleanup()

    def files(self, component):
        root = self.roots[component]
        return {str(path.relative_to(root)) for path in root.rglob("*") if not path.is_dir()}

    def program(self, name):
        return self.roots["cli" if name == "qcctl" else "server"] / "usr/bin" / name

    def page(self, name):
        root = self.roots["cli" if name == "qcctl" else "server"]
        section = PAGES[name]
        text = gzip.open(root / f"usr/share/man/man{section}/{name}.{section}.gz", "rt").read()
        return text.replace("\\-", "-")

    def test_server_has_exactly_these_files(self):
        self.assertEqual(self.files("server"), {
            "etc/quorumcache/coordinator.toml", "etc/quorumcache/storage-node.toml",
            "lib/systemd/system/qc-coordinator.service",
            "lib/systemd/system/qc-storage-node.service",
            "usr/bin/qc-coordinator", "usr/bin/qc-storage-node",
            "usr/share/doc/quorumcache-server/OPERATIONS.md",
            "usr/share/doc/quorumcache-server/changelog.Debian.gz",
            "usr/share/doc/quorumcache-server/changelog.gz",
            "usr/share/doc/quorumcache-server/copyright",
            "usr/share/doc/quorumcache-server/nginx.conf",
            "usr/share/man/man8/qc-coordinator.8.gz", "usr/share/man/man8/qc-storage-node.8.gz"})

    def test_cli_has_exactly_these_files(self):
        self.assertEqual(self.files("cli"), {
            "usr/bin/qcctl", "usr/share/man/man1/qcctl.1.gz",
            "usr/share/doc/quorumcache-cli/changelog.Debian.gz",
            "usr/share/doc/quorumcache-cli/changelog.gz",
            "usr/share/doc/quorumcache-cli/copyright"})

    def test_what_an_administrator_changes_is_a_conffile(self):
        listed = set((PACKAGING / "debian/conffiles").read_text().split())
        installed = {"/" + name for name in self.files("server") if name.startswith("etc/")}
        self.assertEqual(listed, installed)

    def test_packaged_configuration_is_accepted(self):
        for server in SERVERS:
            file = self.roots["server"] / f"etc/quorumcache/{server.removeprefix('qc-')}.toml"
            done = run(self.program(server), "--config", file, "--check-config")
            self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_maintainer_scripts_parse(self):
        for script in ("postinst", "prerm", "postrm"):
            path = PACKAGING / "debian" / script
            self.assertEqual(run("sh", "-n", path).stderr, "")
            self.assertTrue(os.access(path, os.X_OK), script)

    def test_every_option_is_in_its_page(self):
        for server in SERVERS:
            options = options_of(run(self.program(server), "--help").stdout)
            self.assertGreater(len(options), 10)
            page = self.page(server)
            for option in options:
                self.assertIn(f".It Fl Fl {option}", page.replace("Fl h , ", ""), server)

    def test_every_command_of_qcctl_is_in_its_page(self):
        commands = re.findall(r"^  ([a-z]+(?: [a-z]+)?)", run(self.program("qcctl"), "help").stdout,
                              re.MULTILINE)
        self.assertGreater(len(commands), 20)
        for command in commands:
            self.assertIn(f".Ss {command}", self.page("qcctl"))
        options = options_of(run(self.program("qcctl"), "help", "bench").stdout)
        bench = self.page("qcctl").split("\n.Ss bench")[1].split("\n.Ss ")[0]
        self.assertEqual(set(re.findall(r"Fl Fl ([\w-]+)", bench)) & options, options)

    @unittest.skipUnless(shutil.which("groff"), "no groff")
    def test_pages_are_mdoc_without_warnings(self):
        for name in PAGES:
            root = self.roots["cli" if name == "qcctl" else "server"]
            path = next(root.rglob(f"{name}.[18].gz"))
            done = run("groff", "-mandoc", "-Tutf8", "-ww", "-z",
                       input=gzip.open(path, "rt").read())
            self.assertEqual(done.stderr, "", name)

    @unittest.skipUnless(shutil.which("systemd-analyze"), "no systemd")
    def test_systemd_accepts_the_units_and_finds_them_hardened(self):
        for server in SERVERS:
            unit = f"{server}.service"
            # verify --root wants the whole system below it: the unit is pointed at our programs.
            text = (PACKAGING / "systemd" / unit).read_text()
            copy = pathlib.Path(self.directory.name) / unit
            copy.write_text(text.replace("/usr/bin/", f"{self.program(server).parent}/"))
            done = run("systemd-analyze", "verify", "--man=no", copy)
            ours = [line for line in done.stderr.splitlines() if unit in line]
            self.assertEqual((done.returncode, ours), (0, []), done.stderr)
            done = run("systemd-analyze", "security", "--offline=yes", "--no-pager",
                       f"--threshold={EXPOSURE_MAX}", copy)
            self.assertEqual(done.returncode, 0, done.stdout[-300:] + done.stderr)


if __name__ == "__main__":
    build_dir = pathlib.Path(sys.argv.pop(1))
    unittest.main()
