"""gecchain: an open registry of green electricity certificates (绿证) on a permissioned EVM chain."""

import os

# eth-hash takes the slower of the backends that are installed unless it is told.
os.environ.setdefault("ETH_HASH_BACKEND", "pysha3")

__version__ = "0.1.0"
