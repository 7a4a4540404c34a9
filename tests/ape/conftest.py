"""Where ape finds the compiler and the node, set before ape looks."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NODE = ROOT / "node_modules" / ".bin"
ANVIL = next((ROOT / "node_modules" / "@foundry-rs").glob("anvil-*/bin"))

os.environ["SOLCX_BINARY_PATH"] = str(ROOT / ".solcx")
os.environ["PATH"] = os.pathsep.join([str(ANVIL), str(NODE), os.environ["PATH"]])
