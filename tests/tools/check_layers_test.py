# SPDX-License-Identifier: Apache-2.0
"""tools/check_layers complains about each kind of bad tree, and lets a good one pass."""

import unittest

import bad_tree

TABLE = """
# a comment
@low = common/base
common/base:
common/model: @low
coordinator/service: @low common/model grpc
@test = gtest tests/support
tests/support: @low gtest
"""


class CheckLayersTest(bad_tree.BadTreeTest):
    def setUp(self):
        super().setUp()
        self.put("tools/layers.txt", TABLE)
        self.put("common/base/check.h", "")
        self.put("common/model/key.h", '#include <string>\n#include "common/base/check.h"\n')

    def expect_finding(self, text):
        code, output = self.check("check_layers")
        self.assertIn(text, output)
        self.assertEqual(code, 1, output)

    def test_listed_includes_pass(self):
        self.put("coordinator/service/a.cc",
                 '#include <grpcpp/grpcpp.h>\n#include <sys/socket.h>\n'
                 '#include "absl/status/status.h"\n#include "common/model/key.h"\n')
        self.put("tests/coordinator/service/a_test.cc",
                 '#include "gtest/gtest.h"\n#include "coordinator/service/a.h"\n'
                 '#include "common/model/key.h"\n#include "tests/support/temp_dir.h"\n')
        self.put("tests/support/temp_dir.h", '#include "common/base/check.h"\n')
        self.put("coordinator/service/a.h", "")

        self.assertEqual(self.check("check_layers"), (0, "check_layers: 6 files, 0 findings\n"))

    def test_upward_include_is_refused_with_its_line(self):
        self.put("common/base/check.h", '// why\n#include "common/model/key.h"\n')

        self.expect_finding("common/base/check.h:2: common/base may not include common/model")

    def test_what_the_table_does_not_list_is_refused(self):
        self.put("common/model/key.h", '#include <grpcpp/grpcpp.h>\n')

        self.expect_finding("common/model/key.h:1: common/model may not include grpc")

    def test_generated_header_counts_as_proto(self):
        self.put("common/model/key.h", '#include "quorumcache/v1/cache.pb.h"\n')

        self.expect_finding("common/model may not include proto (quorumcache/v1/cache.pb.h)")

    def test_internal_proto_is_a_layer_of_its_own(self):
        self.put("common/model/key.h", '#include "quorumcache/internal/v1/replica.pb.h"\n')

        self.expect_finding("may not include proto_internal")

    def test_folder_without_a_line_is_refused(self):
        self.put("common/new/thing.h", "")

        self.expect_finding("common/new/thing.h:1: folder common/new has no line")

    def test_unknown_library_is_refused(self):
        self.put("common/model/key.h", '#include <curl/curl.h>\n')

        self.expect_finding('"curl/curl.h" is neither ours nor a library we know')

    def test_include_in_a_comment_does_not_count(self):
        self.put("common/base/check.h", '// #include "common/model/key.h"\n')

        self.assertEqual(self.check("check_layers")[0], 0)

    def test_test_may_not_include_more_than_what_it_tests(self):
        self.put("tests/common/model/key_test.cc", '#include <grpcpp/grpcpp.h>\n')

        self.expect_finding("tests/common/model may not include grpc")

    def test_test_may_use_the_helpers_of_a_layer_below(self):
        self.put("tests/common/base/clock.h", "")
        self.put("tests/common/model/key_test.cc", '#include "tests/common/base/clock.h"\n')
        self.assertEqual(self.check("check_layers")[0], 0)

        self.put("tests/common/model/keys.h", "")
        self.put("tests/common/base/clock.h", '#include "tests/common/model/keys.h"\n')
        self.expect_finding("tests/common/base may not include tests/common/model")

    def test_table_with_a_circle_is_refused(self):
        self.put("tools/layers.txt", "a: b\nb: c\nc: a\nd: a\n" + TABLE)

        self.expect_finding("tools/layers.txt: these may include each other: a, b, c")

    def test_broken_table_is_said_to_be_broken(self):
        self.put("tools/layers.txt", "common/base: @nobody\n")

        code, output = self.check("check_layers")

        self.assertEqual(code, 2)
        self.assertIn("group @nobody is not defined above", output)


if __name__ == "__main__":
    unittest.main()
