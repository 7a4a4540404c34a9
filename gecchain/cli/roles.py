"""Which key plays which role: `roles.json` in the home folder, a small file that people may edit.

`development` allows keys whose names begin with `dev:`; they are known to everybody.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import orjson

from gecchain.errors import BadInput

__all__ = ["Roles", "load_roles", "save_roles"]


_NO_KEYS: Final = ("accounts", "development")


@dataclass(frozen=True, slots=True)
class Roles:
    """Names of keys. `provinces` are by GB/T 2260 code, the other groups by the name of the institution;
    `accounts` gives the account (0x) of institutions by name.
    """

    governance: str = "governance"
    authority: str = "authority"
    information_centre: str = "information-centre"
    registrar: str = "registrar"
    ccer_registry: str = "ccer-registry"
    guardian: str = "guardian"
    relay: str = "relay"
    provinces: dict[str, str] = field(default_factory=dict)
    providers: dict[str, str] = field(default_factory=dict)
    platforms: dict[str, str] = field(default_factory=dict)
    exchanges: dict[str, str] = field(default_factory=dict)
    offices: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)
    development: bool = False

    def role_of(self, name: str) -> str:
        """Which role a key plays, by its name: `authority`, `provider`…; `account` for one that is named nowhere."""
        for role, keys in asdict(self).items():
            if role not in _NO_KEYS and name in (keys.values() if isinstance(keys, dict) else (keys,)):
                return role.removesuffix("s").replace("_", "-") if isinstance(keys, dict) else role.replace("_", "-")
        return "account"


def load_roles(path: Path) -> Roles:
    """The roles of a file, or the defaults without one. BadInput when it cannot be read."""
    try:
        return Roles(**orjson.loads(path.read_bytes()))
    except FileNotFoundError:
        return Roles()
    except (orjson.JSONDecodeError, TypeError) as error:
        raise BadInput(f"{path} is no roles file: {error}", field="roles") from error


def save_roles(path: Path, roles: Roles) -> None:
    """Write the file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_bytes(orjson.dumps(asdict(roles), option=orjson.OPT_INDENT_2))
    partial.rename(path)
