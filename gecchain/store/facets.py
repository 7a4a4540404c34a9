"""What a batch and a project are by their packed ids, as SQL expressions that the indexes are made of too.

The numbers of `gecchain.rules.numbers`: batch = project 48, month 12, electricity 3, tradable 1; project = type 4,
technology 5, approval month 12, province 7, sequence 20. Shifts are written out as literals, since an index on an
expression serves only the same expression, and a bound parameter is another one.
"""

from typing import Any

from sqlalchemy import ColumnElement, literal_column

__all__ = [
    "electricity_of",
    "month_of",
    "project_of",
    "project_province",
    "project_technology",
    "province_of",
    "technology_of",
    "tradable_of",
    "unled",
]


def project_of(batch: Any) -> ColumnElement[int]:
    """The project of a batch id."""
    return _shifted(batch, 16)


def month_of(batch: Any) -> ColumnElement[int]:
    """The production month of a batch id."""
    return _masked(_shifted(batch, 4), 0xFFF)


def electricity_of(batch: Any) -> ColumnElement[int]:
    """The electricity of a batch id."""
    return _masked(_shifted(batch, 1), 7)


def tradable_of(batch: Any) -> ColumnElement[int]:
    """1 for a batch that may be traded, 0 for one that may not."""
    return _masked(batch, 1)


def province_of(batch: Any) -> ColumnElement[int]:
    """The province of a batch id, two digits of GB/T 2260."""
    return _masked(_shifted(batch, 36), 0x7F)


def technology_of(batch: Any) -> ColumnElement[int]:
    """The technology of a batch id."""
    return _masked(_shifted(batch, 55), 0x1F)


def project_province(project: Any) -> ColumnElement[int]:
    """The province of a project id."""
    return _masked(_shifted(project, 20), 0x7F)


def project_technology(project: Any) -> ColumnElement[int]:
    """The technology of a project id."""
    return _masked(_shifted(project, 39), 0x1F)


def unled(value: Any) -> ColumnElement[int]:
    """The same number, but no index's expression: a condition on it narrows what another index leads through."""
    found: ColumnElement[int] = value.op("+")(literal_column("0"))
    return found


def _shifted(column: Any, bits: int) -> ColumnElement[int]:
    found: ColumnElement[int] = column.op(">>")(literal_column(str(bits)))
    return found


def _masked(column: Any, mask: int) -> ColumnElement[int]:
    found: ColumnElement[int] = column.op("&")(literal_column(str(mask)))
    return found
