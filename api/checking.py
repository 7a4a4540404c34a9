"""Checking a copy of a document: found by kind, code and block, compared by hash."""

from dataclasses import dataclass

from starlette.requests import Request

from api.documents import Compared
from api.language import say, utc
from api.registry import registry_of
from api.shapes import place
from gecchain.answers import DocumentCheckAnswer, LaterAnswer, Named
from gecchain.documenting import Read, read_document
from gecchain.documents import Kind

__all__ = ["Checked", "check_answer", "checked"]


@dataclass(frozen=True, slots=True)
class Checked:
    """The document, what has happened since, and what came of the comparison (None if no hash was given)."""

    read: Read
    sha256: str
    compared: Compared | None


def checked(
    request: Request, kind: Kind, code: str, as_of: int | None, sha256: str, press: str = "", seal: str = ""
) -> Checked:
    """Makes the document again and compares. NotFound if the registry does not have it by that block."""
    registry = registry_of(request)
    with registry.snapshot(request) as snapshot:
        read = read_document(snapshot.db, registry.documents.chain, kind, code, as_of)
    if not sha256:
        return Checked(read, "", None)
    return Checked(read, sha256, registry.documents.compare(read.document, sha256, press=press, seal=seal))


def check_answer(found: Checked) -> DocumentCheckAnswer:
    """The check in JSON."""
    document, compared = found.read.document, found.compared
    return DocumentCheckAnswer(
        kind=document.kind.value,
        code=document.code,
        as_of=document.place.block,
        as_of_hash=document.place.block_hash,
        as_of_time=utc(document.place.time),
        document_sha256=document.sha256,
        sha256=found.sha256 or None,
        verdict=compared.verdict.value if compared else None,
        form=compared.form.value if compared and compared.form else None,
        latest=not found.read.since,
        since=[
            LaterAnswer(
                name=Named(code=one.name, zh=say("zh", f"event.{one.name}"), en=say("en", f"event.{one.name}")),
                place=place(one.place),
            )
            for one in found.read.since
        ],
    )
