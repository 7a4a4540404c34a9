"""From a document to the bytes of its PDF, set by typst in this process: PDF/A-3u, the data attached.

Nothing of the bytes comes from a clock, a locale or another document: they follow from the document's data, from the
address that the public uses, and from the press, which is this room's templates, the typesetter's version and the
typefaces. Another press may set other bytes of the same data, so its name stands in the file.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final

import segno
import typst

from gecchain.documents.marks import Mark
from gecchain.documents.pages import page_of
from gecchain.documents.pages.runs import day, moment
from gecchain.documents.typefaces import DEFAULT_FOLDER, Typefaces, open_typefaces
from gecchain.documents.values import Document, Kind
from gecchain.errors import BrokenProof

__all__ = ["ATTACHMENT", "SEAL_BOX", "SEAL_PAGE", "STANDARD", "WORKERS", "Press"]

ATTACHMENT: Final = "document.json"
_DOCUMENT: Final = "document.typ"
STANDARD: Final = "a-3u"
WORKERS: Final = 2  # documents that are set at the same time in one process
# Where the first page leaves room for the seal: left, bottom, right, top, in points from the lower left corner.
SEAL_BOX: Final = (427, 67, 528, 168)
SEAL_PAGE: Final = 0
_ROOM: Final = resources.files("gecchain.documents")


class Press:
    """Sets documents. `base_url` is the address the public uses; a demonstration says so on every page.

    NotFound if a typeface is missing. Safe to use from many threads; WORKERS of them are served at once.
    """

    def __init__(self, base_url: str, *, fonts: Path = DEFAULT_FOLDER, demo: bool = False) -> None:
        self.base_url = base_url
        self.demo = demo
        self.typefaces: Typefaces = open_typefaces(fonts)
        self._idle: SimpleQueue[typst.Compiler] = SimpleQueue()
        for _ in range(WORKERS):
            self._idle.put(self._compiler())

    @cached_property
    def name(self) -> str:
        """What tells this press from others: 16 hex digits."""
        found = hashlib.sha256(version("typst").encode() + bytes([self.demo]) + self.base_url.encode())
        found.update(self.typefaces.digest)
        for folder in (_ROOM, _ROOM.joinpath("pages"), _ROOM.joinpath("templates")):
            for file in sorted(folder.iterdir(), key=lambda file: file.name):
                if file.name.endswith((".typ", ".py")):
                    found.update(file.read_bytes())
        return found.hexdigest()[:16]

    def address(self, document: Document) -> str:
        """Where the public verifies the document: what its QR code holds."""
        if document.kind is Kind.CERTIFICATE:
            found: Any = document.data["certificate"]
            return f"{self.base_url}/verify/{found['hash']}"
        return f"{self.base_url}/documents/{document.kind}/{document.code}?as_of={document.place.block}"

    def set(self, document: Document) -> bytes:
        """The PDF. BrokenProof if it cannot be set, which no data should bring about."""
        page = page_of(document)
        shown, replaced = self._shown(page)
        address = self.address(document)
        frame = {
            "address": address,
            "attachment": ATTACHMENT,
            "block": f"{document.place.block:,}",
            "code": document.code,
            "demo": self.demo,
            "home": self.base_url,
            "mark": Mark(self.name, document.kind, document.code, document.place.block).text,
            "replaced": replaced,
            "sha256": document.sha256,
            "time": moment(document.place.time),
        }
        inputs = {
            "data": document.json.decode(),
            "frame": json.dumps(frame, ensure_ascii=False),
            "page": json.dumps(shown, ensure_ascii=False),
            "qr": segno.make(address, error="m").svg_inline(border=0, dark="#17201c"),
        }
        return self._run(_DOCUMENT, inputs, document.place.time)

    def _shown(self, page: Any) -> tuple[Any, bool]:
        """The page as the typefaces can show it, and whether characters had to be replaced."""
        replaced = False

        def show(part: Any) -> Any:
            nonlocal replaced
            if isinstance(part, list):
                return [show(one) for one in part]
            if not isinstance(part, dict):
                return part
            if set(part) != {"s", "t"}:
                return {key: show(one) for key, one in part.items()}
            text = self.typefaces.shown(part["t"])
            replaced = replaced or "〔U+" in text
            return part | {"t": text if part["s"] == "code" else self.typefaces.breakable(part["t"])}

        return show(page), replaced

    def stamp(self, name: str, fingerprint: str, time: int) -> bytes:
        """What a seal looks like: a page as large as the room that documents leave for it."""
        seal = {"day": day(time), "fingerprint": fingerprint, "name": self.typefaces.shown(name)}
        return self._run("seal.typ", {"seal": json.dumps(seal, ensure_ascii=False)}, time)

    def _run(self, template: str, inputs: dict[str, str], time: int) -> bytes:
        with self._compiled() as compiler:
            try:
                made = compiler.compile(
                    input=str(_ROOM.joinpath("templates", template)),
                    format="pdf",
                    pdf_standards=[STANDARD],
                    sys_inputs=inputs | {"time": json.dumps(_parts(time))},
                    timestamp=time,
                    pdf_tags=template == _DOCUMENT,
                )
            except typst.TypstError as error:
                raise BrokenProof(f"The document cannot be set: {error}", where=template) from error
        if not isinstance(made, bytes):
            raise BrokenProof("The typesetter gave no single file.", where=template)
        return made

    def _compiler(self) -> typst.Compiler:
        folder = str(_ROOM.joinpath("templates"))
        return typst.Compiler(root=folder, font_paths=[str(self.typefaces.folder)], ignore_system_fonts=True)

    @contextmanager
    def _compiled(self) -> Iterator[typst.Compiler]:
        compiler = self._idle.get()
        try:
            yield compiler
        finally:
            self._idle.put(compiler)


def _parts(time: int) -> dict[str, int]:
    found = datetime.fromtimestamp(time, UTC)
    return {
        "year": found.year,
        "month": found.month,
        "day": found.day,
        "hour": found.hour,
        "minute": found.minute,
        "second": found.second,
    }
