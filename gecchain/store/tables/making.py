"""What every table is made with."""

from typing import Any, Final

from sqlalchemy import Column, MetaData

from gecchain.store.columns import BIG, NAMING

__all__ = ["BIG", "field", "metadata"]

metadata: Final = MetaData(naming_convention=NAMING)


def field(name: str, kind: Any, *, key: bool = False) -> Column[Any]:
    """A column that is never null."""
    return Column(name, kind, primary_key=key, nullable=False, autoincrement=False)
