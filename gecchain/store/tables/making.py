"""What every table is made with."""

from typing import Any, Final

from sqlalchemy import BigInteger, Column, Integer, MetaData

__all__ = ["BIG", "field", "metadata"]

# SQLite keeps a table under its 64-bit rowid only if the key is called INTEGER.
BIG: Final = BigInteger().with_variant(Integer(), "sqlite")

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def field(name: str, kind: Any, *, key: bool = False) -> Column[Any]:
    """A column that is never null."""
    return Column(name, kind, primary_key=key, nullable=False, autoincrement=False)
