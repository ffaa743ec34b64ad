"""The benchmarks are scripts, not a package: their folder goes on the path, and so does this one's."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
sys.path.append(str(Path(__file__).parent))  # pytest puts no folder of tests on the path
