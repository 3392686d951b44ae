# SPDX-License-Identifier: GPL-3.0-or-later
"""The fixtures of the end-to-end tests serve here too."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))
from conftest import *  # noqa: E402,F401,F403
