"""What every table of the projection is made with."""

from typing import Final

from sqlalchemy import MetaData

from gecchain.store.columns import BIG, NAMING, field

__all__ = ["BIG", "field", "metadata"]

metadata: Final = MetaData(naming_convention=NAMING)
