"""The entry point `gec`: one command for each verb of the registry."""

from gecchain.cli.app import main

__all__ = ["main"]
