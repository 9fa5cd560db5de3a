# SPDX-License-Identifier: Apache-2.0
"""What the checkers in tools/ share. Python's standard library only."""
