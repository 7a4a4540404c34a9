"""`gec demo`: the whole way on real plants and one real photovoltaic system, through the doors that everybody uses.

Every step asks first what is there already, so a second run goes on where the first stopped.
"""

from gecchain.cli.demo.command import demo

__all__ = ["demo"]
