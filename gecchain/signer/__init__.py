"""The only room that sees a key: it opens into a signer, and nothing else of it leaves. Some keys never come here at
all: a signer of their own has them, is asked, and is believed nothing.
"""

from gecchain.signer.external import ExternalSigner
from gecchain.signer.keyfiles import KeyFile, create_external, open_key, read_key_file
from gecchain.signer.keystore import (
    KeystoreSigner,
    Signer,
    create_keystore,
    development_signer,
    open_keystore,
)

__all__ = [
    "ExternalSigner",
    "KeyFile",
    "KeystoreSigner",
    "Signer",
    "create_external",
    "create_keystore",
    "development_signer",
    "open_key",
    "open_keystore",
    "read_key_file",
]
