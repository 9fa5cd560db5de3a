# SPDX-License-Identifier: Apache-2.0
"""The files of the repository, and where they belong."""

import os
import subprocess

# Never ours: what builds and runs leave behind.
SKIPPED_FOLDERS = {".git", "build", "data", "node_modules", "__pycache__", ".cache"}


class SourceFile:
    """One text file: its path from the root (with slashes), its text and its lines."""

    def __init__(self, root, path):
        self.path = path
        with open(os.path.join(root, path), "rb") as stream:
            raw = stream.read()
        self.is_text = b"\0" not in raw[:8192]
        self.text = raw.decode("utf-8", errors="replace") if self.is_text else ""
        self.lines = self.text.split("\n")
        if self.lines and self.lines[-1] == "":
            self.lines.pop()

    @property
    def folder(self):
        return os.path.dirname(self.path)

    @property
    def name(self):
        return os.path.basename(self.path)

    @property
    def extension(self):
        return os.path.splitext(self.path)[1]

    @property
    def is_cpp(self):
        return self.extension in (".h", ".cc")

    @property
    def is_test(self):
        return self.path.startswith("tests/")


def list_paths(root):
    """Paths that git tracks or would track; every file where `root` is not a git work tree."""
    command = ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    if os.path.exists(os.path.join(root, ".git")):
        listed = subprocess.run(command, check=True, capture_output=True).stdout.decode()
        paths = [path for path in listed.split("\0") if path]
    else:
        paths = _walk(root)
    # A link has the text of another file, and a file that is gone from the disk has none.
    full = {path: os.path.join(root, path) for path in paths}
    return sorted(p for p in full if os.path.isfile(full[p]) and not os.path.islink(full[p]))


def _walk(root):
    paths = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in SKIPPED_FOLDERS]
        paths += [os.path.relpath(os.path.join(folder, name), root) for name in names]
    return paths


def load(root):
    """Every text file of the tree."""
    files = [SourceFile(root, path) for path in list_paths(root)]
    return [file for file in files if file.is_text]


def repository_root():
    return os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
