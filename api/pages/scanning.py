"""QR codes that lead to a page."""

import segno
from markupsafe import Markup

__all__ = ["qr_code"]


def qr_code(text: str) -> Markup:
    """A QR code as SVG; its content is text that we made."""
    drawn = segno.make(text, error="m").svg_inline(border=0, omitsize=True, dark="#000")
    return Markup(drawn)  # noqa: S704
