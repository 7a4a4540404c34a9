"""gecchain: an open registry of green electricity certificates (绿证) on a permissioned EVM chain."""

__version__ = "0.1.0"
