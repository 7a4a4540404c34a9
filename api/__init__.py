"""HTTP and pages: the public's door to the registry. It reads, and holds no key.

`create_app(settings)` builds the application; `api.main:application` is the factory for a server process. Everything
that it answers comes from the store (SQL); where a node is within reach, the chain itself is asked too and said so.
"""

from api.app import create_app
from api.settings import ApiSettings

__all__ = ["ApiSettings", "create_app"]
