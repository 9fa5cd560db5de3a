# SPDX-License-Identifier: Apache-2.0
"""./dev understands its commands, and its test summary tells failures from skips."""

import os
import subprocess
import tempfile
import unittest

import bad_tree

DEV = os.path.join(bad_tree.ROOT, "dev")


def dev(*arguments):
    done = subprocess.run([DEV, *arguments], text=True, capture_output=True, check=False,
                          stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def in_dev(script):
    """Runs `script` with the functions of ./dev at hand, and returns what it printed."""
    sourced = f'source <(sed \'$d\' "{DEV}"); set +e; {script}'
    return subprocess.run(["bash", "-c", sourced], text=True, capture_output=True, check=False,
                          stdin=subprocess.DEVNULL).stdout


class DevTest(unittest.TestCase):
    def test_help_names_every_command(self):
        code, output, _ = dev("help")

        self.assertEqual(code, 0)
        for command in ("run", "test", "build", "format", "lint", "bench", "sim"):
            self.assertIn(f"./dev {command} ", output)

    def test_unknown_command_is_a_usage_error(self):
        code, output, errors = dev("frobnicate")

        self.assertEqual((code, output), (2, ""))
        self.assertIn("./dev run", errors)

    def test_script_is_sound_bash(self):
        for script in ("dev", ".ci/run"):
            subprocess.run(["bash", "-n", os.path.join(bad_tree.ROOT, script)], check=True)

    def test_run_gives_way_to_the_options_of_its_caller(self):
        output = in_dev("install_packages() { :; }; configure_and_build() { :; }; say() { :; }; "
                        "exec() { shift; echo \"$@\"; }; ROOT=x; unset QC_DATA_DIR; "
                        "run --zones 3; run --storage-nodes=5 --data-dir y")

        self.assertEqual(output.splitlines(), [
            "playground --storage-nodes 3 --coordinators 2 --data-dir x/data --zones 3",
            "playground --coordinators 2 --storage-nodes=5 --data-dir y"])

    def test_failed_stage_is_told_from_a_skipped_one(self):
        output = in_dev("stage a true; stage b false; stage c bash -c 'exit 77'; print_summary")

        self.assertRegex(output, r"(?m)^a +ok ")
        self.assertRegex(output, r"(?m)^b +FAILED ")
        self.assertRegex(output, r"(?m)^c +SKIPPED ")

    def test_last_line_counts_the_tests_of_all_runs(self):
        with tempfile.TemporaryDirectory() as folder:
            report = os.path.join(folder, "tests.xml")
            with open(report, "w", encoding="utf-8") as stream:
                stream.write('<testsuite name="x"\n\ttests="5"\n\tfailures="1"\n\tskipped="1"\n>')
            output = in_dev(f"count_tests {report}; count_tests {report}; print_summary")

        self.assertEqual(output.splitlines()[-1], "6 passed, 2 failed")

    def test_summary_repeats_the_end_of_what_failed(self):
        with tempfile.TemporaryDirectory() as folder:
            report = os.path.join(folder, "dev", "tests.xml")
            os.mkdir(os.path.dirname(report))
            lines = "\n".join(f"line {number}." for number in range(100))
            with open(report, "w", encoding="utf-8") as stream:
                stream.write('<testsuite tests="2" failures="1" skipped="0">'
                             '<testcase name="good" status="run"><system-out>fine</system-out>'
                             '</testcase><testcase name="bad" status="fail"><failure message=""/>'
                             f'<system-out>{lines}</system-out></testcase></testsuite>')
            output = in_dev(f'ROOT="{bad_tree.ROOT}"; REPORTS=("{report}"); '
                            f'count_tests "{report}"; print_summary')

        self.assertIn("failed: dev: bad;", output)
        self.assertIn("line 99.", output)
        for absent in ("line 20.", "good", "fine"):
            self.assertNotIn(absent, output)
        self.assertEqual(output.splitlines()[-1], "1 passed, 1 failed")

    def test_installed_packages_do_not_touch_apt(self):
        output = in_dev("apt-get() { echo called; }; install_packages bash coreutils; echo $?")

        self.assertEqual(output, "0\n")


if __name__ == "__main__":
    unittest.main()
