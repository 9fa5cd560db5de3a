# SPDX-License-Identifier: Apache-2.0
"""tools/format finds and mends unformatted C++, and leaves formatted files alone."""

import shutil
import unittest

import bad_tree

GOOD = "int F(int a) { return a; }\n"
BAD = "int F( int a ){return a;}\n"


@unittest.skipUnless(shutil.which("clang-format"), "clang-format is not installed")
class FormatTest(bad_tree.BadTreeTest):
    def setUp(self):
        super().setUp()
        self.put(".clang-format", "BasedOnStyle: Google\n")

    def test_unformatted_file_is_named_and_left_as_it_is(self):
        self.put("a/bad.cc", BAD)
        self.put("a/good.cc", GOOD)

        code, output = self.check("format", "--check")

        self.assertEqual(code, 1)
        self.assertEqual(output, "a/bad.cc: not formatted; run ./dev format\n"
                                 "format: 2 files, 1 findings\n")
        self.assertEqual(self.read("a/bad.cc"), BAD)

    def test_formatting_mends_it(self):
        self.put("a/bad.cc", BAD)

        self.assertEqual(self.check("format")[0], 0)

        self.assertEqual(self.read("a/bad.cc"), GOOD)
        self.assertEqual(self.check("format", "--check")[0], 0)

    def test_what_a_build_left_behind_is_not_ours(self):
        self.put("build/dev/bad.cc", BAD)
        self.put("a/good.cc", GOOD)

        self.assertEqual(self.check("format", "--check"), (0, "format: 1 files, 0 findings\n"))


if __name__ == "__main__":
    unittest.main()
