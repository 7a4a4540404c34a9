"""What people type or paste, brought to the one form that codes and numbers are written in.

Input methods give full-width digits, documents break numbers with spaces and hyphens, and phones write lower case.
"""

import unicodedata

__all__ = ["canonical_text"]

_MINUS = "\N{MINUS SIGN}"
_DROPPED = ("Z", "Pd", "Cf", "Cc")


def canonical_text(text: str) -> str:
    """Without spaces, hyphens and invisible characters; full-width as ASCII (NFKC); letters in upper case.

    What is not ASCII after that is kept as it is, for the parser to refuse.
    """
    if text.isascii() and text.isalnum():
        return text.upper()
    folded = unicodedata.normalize("NFKC", text)
    kept = "".join(c for c in folded if not unicodedata.category(c).startswith(_DROPPED) and c != _MINUS)
    return kept.upper() if kept.isascii() else kept
