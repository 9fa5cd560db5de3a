# SPDX-License-Identifier: Apache-2.0
"""tools/check_style complains about each kind of bad file, and lets a good one pass."""

import unittest

import bad_tree

SPDX = "// SPDX-License-Identifier: Apache-2.0\n"
HEADER = SPDX + "// What the file is for.\n#pragma once\n"
# Folders by what is allowed in them.
PURE = "coordinator/quorum"
SHELL = "coordinator/service"


class CheckStyleTest(bad_tree.BadTreeTest):
    def put_listed(self, path, text):
        """A C++ file and the CMakeLists.txt that lists it."""
        folder, name = path.rsplit("/", 1)
        self.put(folder + "/CMakeLists.txt",
                 "# SPDX-License-Identifier: Apache-2.0\n" + name + "\n")
        self.put(path, text)

    def findings(self):
        """[(line, rule)] of the one file that has any, in order."""
        _, output = self.check("check_style")
        lines = output.splitlines()[:-1]
        return [(int(line.split(":")[1]), line.split("[")[1].split("]")[0]) for line in lines]

    def expect(self, path, text, *expected):
        """These are the findings in a tree of this file alone."""
        self.clear()
        self.put_listed(path, text)
        self.assertEqual(self.findings(), list(expected))

    def test_good_file_passes(self):
        self.put_listed(PURE + "/a.h", HEADER + "int F(int x);\n")

        self.assertEqual(self.check("check_style"), (0, "check_style: 2 files, 0 findings\n"))

    def test_finding_names_file_line_rule_and_way_out(self):
        self.put_listed(PURE + "/a.h", HEADER + "std::unordered_map<int, int> m;\n")

        code, output = self.check("check_style")

        self.assertEqual(code, 1)
        self.assertIn("coordinator/quorum/a.h:4: [pure-hash-container] ", output)
        self.assertIn("std::map", output)

    def test_file_without_licence_line(self):
        self.expect(SHELL + "/a.cc", "int a;\n", (1, "spdx"))

    def test_script_without_licence_line(self):
        self.put("run", "#!/bin/bash\ntrue\n")
        self.assertEqual(self.findings(), [(2, "spdx")])

    def test_header_without_purpose_or_guard(self):
        self.expect(SHELL + "/a.h", SPDX + "#pragma once\n", (2, "file-comment"))
        self.expect(SHELL + "/a.h", SPDX + "// Purpose.\n", (1, "pragma-once"))

    def test_file_and_function_over_the_limit(self):
        self.expect(SHELL + "/a.cc", SPDX + "int a;\n" * 600, (601, "file-length"))
        self.expect(SHELL + "/a.cc", SPDX + "void F() {\n" + "  G();\n" * 69 + "}\n",
                    (2, "function-length"))
        self.expect(SHELL + "/a.cc", SPDX + "void F() {\n" + "  G();\n" * 68 + "}\n")

    def test_python_and_shell_functions_are_measured_too(self):
        self.put("a.py", "# SPDX-License-Identifier: Apache-2.0\ndef f():\n" + "    g()\n" * 70)
        self.assertEqual(self.findings(), [(2, "function-length")])
        self.clear()
        self.put("run", "#!/bin/bash\n# SPDX-License-Identifier: Apache-2.0\nf() {\n"
                 + "  g\n" * 70 + "}\n")
        self.assertEqual(self.findings(), [(3, "function-length")])

    def test_line_over_the_limit(self):
        self.expect(SHELL + "/a.cc", SPDX + "// " + "x" * 98 + "\n", (2, "line-length"))
        self.expect(SHELL + "/a.cc", SPDX + "// https://example.org/" + "x" * 98 + "\n")

    def test_unfinished_work(self):
        self.expect(SHELL + "/a.cc", SPDX + "// TO" + "DO: later\n", (2, "unfinished"))

    def test_machine_path_and_registry_host(self):
        self.put("notes.md", "see /wo" + "rk/main/build\nin $HOME/work/x and a/tmp/b\n")
        self.assertEqual(self.findings(), [(1, "machine-path")])
        self.put("notes.md", "https://npm-mir" + "ror.example.org/buf\n")
        self.assertEqual(self.findings(), [(1, "registry")])

    def test_white_space(self):
        self.expect(SHELL + "/a.cc", SPDX + "int a; \n", (2, "trailing-space"))
        self.expect(SHELL + "/a.cc", SPDX + "\tint a;\n", (2, "tab"))
        self.expect(SHELL + "/a.cc", SPDX + "int a;", (2, "final-newline"))

    def test_pure_folder_has_no_clock_thread_log_or_chance(self):
        code = ("absl::Time t = absl::Now();\n", "std::thread t;\n", "std::random_device d;\n",
                "void F() { LOG(INFO); }\n", "absl::flat_hash_map<int, int> m;\n",
                "absl::Hash<int> h;\n", "void F() { absl::SleepFor(d); }\n")
        rules = ("pure-clock", "pure-thread", "pure-random", "pure-log", "pure-hash-container",
                 "pure-hash", "pure-sleep")
        for line, rule in zip(code, rules):
            self.expect(PURE + "/a.cc", SPDX + line, (2, rule))
            self.expect(SHELL + "/a.cc", SPDX + line)
            self.expect(PURE + "/a.cc", SPDX + "// " + line)

    def test_pure_folder_does_not_include_threads_or_protobuf(self):
        self.expect(PURE + "/a.cc", SPDX + '#include "quorumcache/v1/cache.pb.h"\n',
                    (2, "pure-protobuf"))
        self.expect(PURE + "/a.cc", SPDX + '#include "common/base/mutex.h"\n', (2, "pure-thread"))

    def test_base_may_lock_but_only_its_mutex_wraps_the_std_one(self):
        self.expect("common/base/probe.cc", SPDX + '#include "common/base/mutex.h"\n')
        self.expect("common/base/mutex.h", HEADER + "std::mutex m;\n")
        self.expect(SHELL + "/a.cc", SPDX + "std::mutex m;\n", (2, "mutex"))

    def test_what_nobody_uses(self):
        self.expect(SHELL + "/a.cc", SPDX + "void F() { throw 1; }\n", (2, "exception"))
        self.expect(SHELL + "/a.cc", SPDX + "using namespace std;\n", (2, "using-namespace"))
        self.expect(SHELL + "/a.cc", SPDX + "void F() { assert(x); static_assert(y); }\n",
                    (2, "assert"))
        self.expect(SHELL + "/a.cc", SPDX + "#define MAX 3\n", (2, "macro"))
        self.expect(SHELL + "/a.h", HEADER + "void F(std::string_view s);\n", (4, "string-view"))

    def test_sleep_in_a_test(self):
        self.expect("tests/cli/a_test.cc", SPDX + "void F() { absl::SleepFor(d); }\n",
                    (2, "test-sleep"))

    def test_rule_is_switched_off_with_a_reason_only(self):
        line = "std::mutex m;  // style: allow(mutex)"
        self.expect(SHELL + "/a.cc", SPDX + line + " std::condition_variable_any wants it\n")
        self.expect(SHELL + "/a.cc", SPDX + line + "\n", (2, "mutex"))

    def test_includes_start_at_the_root(self):
        self.expect(SHELL + "/a.cc", SPDX + '#include "../quorum/b.h"\n', (2, "include-path"))
        self.expect(SHELL + "/a.cc", SPDX + '#include "b.h"\n', (2, "include-path"))

    def test_own_header_comes_first(self):
        self.put(SHELL + "/CMakeLists.txt", "# SPDX-License-Identifier: Apache-2.0\na.cc a.h\n")
        self.put(SHELL + "/a.h", HEADER)
        self.put(SHELL + "/a.cc", SPDX + '#include <string>\n#include "coordinator/service/a.h"\n')
        self.assertEqual(self.findings(), [(1, "own-header-first")])

    def test_file_that_nothing_builds(self):
        self.put(SHELL + "/CMakeLists.txt", "# SPDX-License-Identifier: Apache-2.0\nbase_a.cc\n")
        self.put(SHELL + "/a.cc", SPDX)
        self.assertEqual(self.findings(), [(1, "build-list")])

    def test_test_may_be_listed_by_its_stem_and_its_helpers_not_at_all(self):
        self.put("tests/cli/CMakeLists.txt",
                 "# SPDX-License-Identifier: Apache-2.0\ncli_test(a)\n")
        self.put("tests/cli/a_test.cc", SPDX)
        self.put("tests/cli/helper.h", HEADER)
        self.assertEqual(self.findings(), [])

    def test_sources_are_listed_not_globbed(self):
        self.put(SHELL + "/CMakeLists.txt",
                 "# SPDX-License-Identifier: Apache-2.0\nfile(GLOB sources *.cc)\n")
        self.assertEqual(self.findings(), [(2, "glob")])

    def test_long_decision_record(self):
        self.put("docs/adr/0001-a.md", "line\n" * 41)
        self.assertEqual(self.findings(), [(41, "file-length")])

    def test_report_judges_the_budget(self):
        self.put_listed(SHELL + "/a.h", HEADER + "// Why.\nint F(int x);\n")
        self.put("tests/coordinator/service/a_test.cc", SPDX + "int a;\n")

        code, output = self.check("check_style", "--report")

        self.assertEqual(code, 0)
        self.assertRegex(output, r"file lines, median +5 +<= 150 +ok")
        self.assertRegex(output, r"comment share of headers, % +60 +35 to 55 +OVER")
        self.assertRegex(output, r"test : source +0\.40 +>= 1\.0 +OVER")


if __name__ == "__main__":
    unittest.main()
