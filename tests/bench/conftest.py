"""Makes `bench` importable: it belongs to the working tree, not to the installed package."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
