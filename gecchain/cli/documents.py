"""`gec documents`: make, seal and verify certificates, trade vouchers and retirement sheets as files."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path
from typing import Annotated, Final

import typer
import uvicorn
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate

from gecchain.cli.context import Context
from gecchain.cli.sealer import sealed_document, sealer_application
from gecchain.cli.stopping import ending_well
from gecchain.cli.vouching import AtHome, OverHttp, chain_of, press_of, vouch
from gecchain.documenting import parse_kind, read_document
from gecchain.documents import Document
from gecchain.errors import NotFound, Refused
from gecchain.sealing import Seal, create_development_seal, load_certificate, open_seal
from gecchain.store import connected, open_engine

__all__ = ["app"]

app = typer.Typer(
    help="""Documents (绿证、交易凭证、核销信息表) as PDF/A with their data attached, sealed or not.

The seal is a PKCS#12 file (GEC_SEAL, by default seal.p12 in the home folder) with its password in a file of its own
(GEC_SEAL_PASSWORD_FILE, seal.password). It is no key of the chain. Typefaces are looked for in GEC_FONTS.""",
    no_args_is_help=True,
)

_GRACE_SECONDS: Final = 5
_OUTCOMES: Final = {True: "passed", False: "FAILED", None: "does not apply"}

Kind = Annotated[str, typer.Argument(help="certificate, voucher or retirement.")]
Code = Annotated[str, typer.Argument(help="Certificate number, trade, retirement; or FIRST-LAST of the latter two.")]
Output = Annotated[Path, typer.Option("--output", "-o", help="File to write; one that exists is replaced.")]
AsOf = Annotated[int | None, typer.Option(help="As of this block; by default as things stand.")]


@app.command("make")
def make(
    call: typer.Context,
    kind: Kind,
    code: Code,
    output: Output,
    as_of: AsOf = None,
    data: Annotated[bool, typer.Option("--data", help="The canonical data (RFC 8785) instead of the PDF.")] = False,
) -> None:
    """Write a document without a seal. The same document of the same block always has the same bytes."""
    context: Context = call.obj
    document = _document(context, kind, code, as_of)
    _write(context, output, document, document.json if data else press_of(context).set(document), "")


@app.command("seal")
def seal(call: typer.Context, kind: Kind, code: Code, output: Output, as_of: AsOf = None) -> None:
    """Write a document with the authority's electronic seal (PAdES), dated at the block it is of."""
    context: Context = call.obj
    document, own = _document(context, kind, code, as_of), _seal(context)
    _write(context, output, document, sealed_document(press_of(context), own, document), own.name)


@app.command("new-seal")
def new_seal(call: typer.Context) -> None:
    """Make a seal for development. Its certificate says that it is worth nothing.

    A real seal is a PKCS#12 file of the authority's certification service; put it where GEC_SEAL says.
    """
    context: Context = call.obj
    path, password = context.settings.seal_file, context.settings.seal_password
    if not password.exists():
        password.parent.mkdir(parents=True, exist_ok=True)
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24) + "\n", encoding="utf-8")
    made = create_development_seal(path, _password(password))
    certificate = load_der_x509_certificate(made.certificate.dump())
    path.with_suffix(".crt").write_bytes(certificate.public_bytes(Encoding.PEM))
    context.screen.say(f"{path}: {made.name}, certificate in {path.with_suffix('.crt')}")
    context.screen.document({"seal": str(path), "name": made.name, "fingerprint": made.fingerprint})


@app.command("serve")
def serve(call: typer.Context) -> None:
    """Seal what the web server asks for, at the socket file GEC_SEALER, until stopped. It alone opens the seal."""
    context: Context = call.obj
    own, socket = _seal(context), context.settings.sealer_socket
    engine = open_engine(context.settings.projection_url)
    application = sealer_application(engine, chain_of(context), press_of(context), own)
    context.screen.say(f"Sealing as {own.name} at {socket}")
    context.screen.flush()
    os.umask(0o077)
    socket.unlink(missing_ok=True)
    with ending_well("sealer"):
        uvicorn.run(application, uds=str(socket), log_config=None, timeout_graceful_shutdown=_GRACE_SECONDS)


@app.command("verify")
def verify(
    call: typer.Context,
    file: Annotated[Path, typer.Argument(help="PDF, sealed or not, or canonical data as JSON.")],
    trust: Annotated[
        list[Path] | None, typer.Option(help="Certificate to trust (PEM or DER); by default that of this home's seal.")
    ] = None,
    api: Annotated[str, typer.Option(help="Ask this registry over HTTP instead of the index of this home.")] = "",
) -> None:
    """Check a file: its seal, that the seal is over all of its bytes, and its data against the registry.

    Exit status 0 if it is what the registry makes of that document. What has happened since is shown.
    """
    context: Context = call.obj
    own = context.settings.seal_file.with_suffix(".crt")
    trusted = [load_certificate(path) for path in trust or ([own] if own.exists() else [])]
    found = vouch(file.read_bytes(), trusted, OverHttp(api) if api else AtHome(context))
    rows = [
        (name, {True: "passed", False: "FAILED", None: "does not apply"}[passed], detail)
        for name, passed, detail in found.steps
    ]
    context.screen.table(f"{found.kind} {found.code} as of block {found.as_of:,}", ["what", "outcome", "detail"], rows)
    for name, block in found.since:
        context.screen.say(f"since then, block {block:,}: {name.replace('_', ' ')}")
    failed = [name for name, passed, _detail in found.steps if passed is False]
    since = "it has changed since" if found.since else "nothing has happened since"
    context.screen.say(f"GENUINE: {since}" if found.genuine else f"NOT GENUINE: failed at {', '.join(failed)}")
    context.screen.document(found.document())
    if not found.genuine:
        raise Refused(f"{file} is not what the registry makes of that document")


def _document(context: Context, kind: str, code: str, as_of: int | None) -> Document:
    with connected(context.projection) as db:
        return read_document(db, chain_of(context), parse_kind(kind), code, as_of).document


def _seal(context: Context) -> Seal:
    return open_seal(context.settings.seal_file, _password(context.settings.seal_password))


def _password(path: Path) -> str:
    if not path.is_file():
        raise NotFound(f"There is no password file at {path}.", remedy="Set GEC_SEAL_PASSWORD_FILE.")
    return path.read_text(encoding="utf-8").strip()


def _write(context: Context, output: Path, document: Document, content: bytes, sealed_as: str) -> None:
    output.write_bytes(content)
    by = f", sealed as {sealed_as}" if sealed_as else ""
    context.screen.say(f"{output}: {document.kind} {document.code} as of block {document.place.block:,}{by}")
    context.screen.document(
        {
            "file": str(output),
            "kind": document.kind,
            "code": document.code,
            "as_of": document.place.block,
            "document_sha256": document.sha256,
            "sha256": hashlib.sha256(content).hexdigest(),
            "sealed_as": sealed_as or None,
        }
    )
