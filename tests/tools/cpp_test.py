# SPDX-License-Identifier: Apache-2.0
"""tools/qctools/cpp.py reads C++ as we write it: functions, comments, strings, includes."""

import os
import sys
import unittest

import bad_tree

sys.path.insert(0, os.path.join(bad_tree.ROOT, "tools"))

from qctools import cpp  # noqa: E402


def lengths(text):
    return {function.name: function.length for function in cpp.functions(text)}


class FunctionsTest(unittest.TestCase):
    def test_free_function_counts_from_signature_to_brace(self):
        self.assertEqual(lengths("int F(int a,\n      int b) {\n  return a;\n}\n"), {"F": 4})

    def test_methods_of_classes_in_namespaces_are_found(self):
        text = ("namespace a::b {\nclass C : public D {\n public:\n  C() : x_(1) {}\n"
                "  int y() const { return y_; }\n private:\n  int y_ = {};\n};\n}\n")

        self.assertEqual(lengths(text), {"C": 1, "y": 1})

    def test_label_is_not_part_of_the_function(self):
        self.assertEqual(lengths("class C {\n public:\n  void F() {\n  }\n};\n"), {"F": 2})

    def test_braces_of_a_member_list_are_not_the_body(self):
        self.assertEqual(lengths("C::C(int a)\n    : a_{a},\n      b_{1} {\n  F();\n}\n"),
                         {"C::C": 5})

    def test_values_in_braces_are_no_functions(self):
        self.assertEqual(lengths("constexpr int kA[] = {1, 2};\nX x{3};\nauto y = F({1}, 2);\n"),
                         {})

    def test_enum_and_attributes_are_no_functions(self):
        self.assertEqual(lengths("enum class E : uint8_t { kA = 1 };\n"
                                 "class ABSL_LOCKABLE M {\n  int a ABSL_GUARDED_BY(m);\n};\n"), {})

    def test_lambda_belongs_to_its_function(self):
        self.assertEqual(lengths("void F() {\n  auto g = [&](int x) {\n    return x;\n  };\n}\n"),
                         {"F": 5})

    def test_braces_in_strings_comments_and_characters_do_not_count(self):
        text = 'void F() {\n  // }\n  G("}", \'}\', R"x(})x", 1\'000);\n  /* } */\n}\nvoid H() {}\n'

        self.assertEqual(lengths(text), {"F": 5, "H": 1})

    def test_test_macro_is_a_function(self):
        self.assertEqual(lengths("TEST(A, B) {\n  EXPECT_TRUE(true);\n}\n"), {"TEST": 3})

    def test_preprocessor_lines_do_not_break_the_count(self):
        self.assertEqual(lengths("#define M(x) \\\n  do { \\\n  } while (x)\nint F() {\n}\n"),
                         {"F": 2})

    def test_template_and_trailing_return(self):
        text = "template <typename T>\nauto F(T t) -> X<T> {\n  return {t};\n}\n"

        self.assertEqual(lengths(text), {"F": 4})


class StripTest(unittest.TestCase):
    def test_positions_stay(self):
        text = 'int a;  // note\nchar b = \'x\'; /* two\nlines */ int c;\n'

        stripped = cpp.strip(text)

        self.assertEqual(len(stripped), len(text))
        self.assertEqual(stripped.index("int c"), text.index("int c"))
        self.assertNotIn("note", stripped)


class IncludesTest(unittest.TestCase):
    def test_quotes_and_line_numbers_are_told(self):
        self.assertEqual(cpp.includes('#include <a>\n// #include "no"\n#include "b/c.h"  // why\n'),
                         [(1, "a", False), (3, "b/c.h", True)])


if __name__ == "__main__":
    unittest.main()
