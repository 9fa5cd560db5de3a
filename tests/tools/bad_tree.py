# SPDX-License-Identifier: Apache-2.0
"""A small tree in a temporary directory, and a checker of ours run over it."""

import os
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class BadTreeTest(unittest.TestCase):
    """Write files with put(), run a checker with check()."""

    def setUp(self):
        self._folder = tempfile.TemporaryDirectory()
        self.root = self._folder.name

    def tearDown(self):
        self._folder.cleanup()

    def clear(self):
        self._folder.cleanup()
        os.mkdir(self.root)

    def put(self, path, text):
        full = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as stream:
            stream.write(text)

    def read(self, path):
        with open(os.path.join(self.root, path), encoding="utf-8") as stream:
            return stream.read()

    def check(self, tool, *arguments):
        """(exit code, output) of tools/<tool> over the tree."""
        done = subprocess.run(
            [sys.executable, "-B", os.path.join(ROOT, "tools", tool), "--root", self.root,
             *arguments],
            text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        return done.returncode, done.stdout
