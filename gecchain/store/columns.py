"""Column types for numbers that SQL's signed 64 bits cannot hold, alike in SQLite and PostgreSQL."""

from typing import Any, Final

from sqlalchemy import BigInteger, Column, Integer, String, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

__all__ = ["ADDRESS", "BIG", "NAMING", "WORD", "BigUnsigned", "Bits256", "Unsigned64", "field"]

ADDRESS = String(42)
WORD = String(66)
# SQLite keeps a table under its 64-bit rowid only if the key is called INTEGER.
BIG: Final = BigInteger().with_variant(Integer(), "sqlite")
NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
_SIGN = 1 << 63


def field(name: str, kind: Any, *, key: bool = False) -> Column[Any]:
    """A column that is never null."""
    return Column(name, kind, primary_key=key, nullable=False, autoincrement=False)


class Unsigned64(TypeDecorator[int]):
    """An integer below 2^64 in eight bytes, as two's complement: equal is equal, order holds below 2^63."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> Any:
        """Eight bytes for the database."""
        return value if value is None or value < _SIGN else value - (_SIGN << 1)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """The integer of eight bytes."""
        return value if value is None or value >= 0 else value + (_SIGN << 1)


class BigUnsigned(TypeDecorator[int]):
    """An integer of any size as decimal text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> Any:
        """Decimal text."""
        return None if value is None else str(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """The integer of decimal text."""
        return None if value is None else int(value)


class Bits256(TypeDecorator[int]):
    """A set of up to 256 bits as hexadecimal text."""

    impl = String(64)
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> Any:
        """Hexadecimal text."""
        return None if value is None else f"{value:x}"

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """The bit set of hexadecimal text."""
        return None if value is None else int(value, 16)
