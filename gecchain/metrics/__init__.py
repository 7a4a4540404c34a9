"""Figures of a process for Prometheus: what it told, counted; where its stores stand, asked when somebody looks.

Nothing in the other rooms knows of it: it listens to `gecchain.trail`. Served at an address of its own, by default not
at all, and meant for the loopback interface: figures are not for the public.
"""

from gecchain.metrics.meter import Meter, parse_address
from gecchain.metrics.standing import DeskFigures, IndexFigures, RefusalFigures

__all__ = ["DeskFigures", "IndexFigures", "Meter", "RefusalFigures", "parse_address"]
