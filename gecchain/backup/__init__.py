"""What cannot be rebuilt from the chain, copied to a folder while everything runs, and put back into an empty home.

The projection is left out: `gec index` makes it again. Passwords of keystores and seal are left out too: who finds a
backup shall not find both.
"""

from gecchain.backup.making import make_backup
from gecchain.backup.manifest import Manifest, check_backup
from gecchain.backup.places import Places
from gecchain.backup.restoring import restore_backup

__all__ = ["Manifest", "Places", "check_backup", "make_backup", "restore_backup"]
