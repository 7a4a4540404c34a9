"""The pages: PDF/A with embedded subsets and attached data, the same bytes in every process, and every name whole."""

import hashlib
import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from sqlalchemy import Connection, select

from gecchain.documenting import read_document
from gecchain.documents import Chain, Document, Kind, Mark, Press, mark_in
from gecchain.documents.typefaces import FAMILIES, open_typefaces
from gecchain.errors import BadInput, NotFound
from gecchain.sealing import attached_file
from gecchain.store import connected, migrate, open_engine
from gecchain.store.tables import retirements
from tests.api.story import SUN, WIND, index, number
from tests.documents.crowd import CROWD_RANGES, LONG_NAME, RARE_NAME, crowd

ROOT = Path(__file__).parents[2]
FONT = re.compile(r"[A-Z]{6}\+NotoS(ans|erif)(Mono)?CJKsc-\S+\s+CID Type 0C\s+Identity-H\s+yes yes yes")
CERTIFICATE = number(WIND, "2026-08", 120)


def ask(*words: str | Path) -> str:
    return subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True).stdout


def written(folder: Path, content: bytes) -> Path:
    path = folder / "document.pdf"
    path.write_bytes(content)
    return path


def text_of(folder: Path, content: bytes) -> str:
    return ask("pdftotext", "-layout", written(folder, content), "-")


@pytest.fixture(scope="module")
def documents(db: Connection) -> dict[str, Document]:
    chain = Chain(20_300, "0x" + "a5" * 20)
    position = db.scalar(select(retirements.c.position).where(retirements.c.reason == 2))
    codes = {Kind.CERTIFICATE: CERTIFICATE, Kind.VOUCHER: "1", Kind.RETIREMENT: str(position)}
    return {kind.value: read_document(db, chain, kind, code).document for kind, code in codes.items()}


@pytest.mark.parametrize("kind", list(Kind))
def test_one_page_of_pdf_a_with_embedded_subsets(
    press: Press, documents: dict[str, Document], tmp_path: Path, kind: str
) -> None:
    path = written(tmp_path, press.set(documents[kind]))
    assert re.search(r"Pages:\s+1\n", ask("pdfinfo", path))
    metadata = ask("pdfinfo", "-meta", path)
    assert re.search(r"<pdfaid:part>3</pdfaid:part>\s*<pdfaid:conformance>U</pdfaid:conformance>", metadata)
    assert re.search(r"Tagged:\s+yes", ask("pdfinfo", path))
    fonts = ask("pdffonts", path).splitlines()[2:]
    assert fonts
    for line in fonts:
        assert FONT.match(line), line


def test_colours_are_those_of_an_output_intent(press: Press, documents: dict[str, Document]) -> None:
    """PDF/A wants the profile that colours are meant for, in the file itself; scripts/pdfa.sh asks veraPDF the rest."""
    root = PdfFileReader(io.BytesIO(press.set(documents["certificate"]))).root
    intent = root["/OutputIntents"][0]
    assert intent["/S"] == "/GTS_PDFA1"
    assert b"acsp" in intent["/DestOutputProfile"].data[:64]


@pytest.mark.parametrize("kind", list(Kind))
def test_the_attachment_is_the_canonical_data(press: Press, documents: dict[str, Document], kind: str) -> None:
    document = documents[kind]
    data = attached_file(press.set(document), "document.json")
    assert data == document.json
    assert hashlib.sha256(data).hexdigest() == document.sha256
    assert json.loads(data) == document.data


def test_poppler_finds_the_attachment(press: Press, documents: dict[str, Document], tmp_path: Path) -> None:
    path = written(tmp_path, press.set(documents["voucher"]))
    ask("pdfdetach", "-save", "1", "-o", tmp_path / "found.json", path)
    assert (tmp_path / "found.json").read_bytes() == documents["voucher"].json


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("certificate", f"绿色电力证书|1000 千瓦时|{CERTIFICATE}|示例风电场|内蒙古自治区|2026 年 08 月|已核销"),
        ("voucher", "交易凭证|购买方|示例制造有限公司 Example Manufacturing|1,000 个绿证|1,000,000 千瓦时"),
        ("retirement", "核销信息表|30 个绿证|声明绿色电力消费|产品制造|全部用于产品制造|流转信息|核发|挂牌"),
    ],
)
def test_what_the_questions_ask_for_stands_there(
    press: Press, documents: dict[str, Document], tmp_path: Path, kind: str, wanted: str
) -> None:
    found = text_of(tmp_path, press.set(documents[kind]))
    for words in (*wanted.split("|"), documents[kind].sha256):
        assert words in found, words


def test_derived_and_made_up_are_said(press: Press, documents: dict[str, Document], tmp_path: Path) -> None:
    found = text_of(tmp_path, press.set(documents["certificate"]))
    assert "推算电量" in found
    assert "World Resources Institute, CC BY 4.0" in found
    assert "演示虚构" in found


def test_a_demonstration_says_so(documents: dict[str, Document], tmp_path: Path) -> None:
    demo = Press("https://gec.example", demo=True)
    assert "DEMONSTRATION" in text_of(tmp_path, demo.set(documents["certificate"]))


@pytest.mark.parametrize("kind", list(Kind))
def test_the_mark_names_the_document(press: Press, documents: dict[str, Document], kind: str) -> None:
    document = documents[kind]
    found = mark_in(press.set(document))
    assert found == Mark(press.name, document.kind, document.code, document.place.block)


def test_a_file_without_a_mark_is_told() -> None:
    with pytest.raises(BadInput, match="no document"):
        mark_in(b"%PDF-1.7 nothing")


PROGRAM = """
import hashlib, sys
from gecchain.documenting import read_document
from gecchain.documents import Chain, Kind, Press
from gecchain.store import connected, open_engine
with connected(open_engine(sys.argv[1])) as db:
    document = read_document(db, Chain(20_300, "0x" + "a5" * 20), Kind.CERTIFICATE, sys.argv[2]).document
print(hashlib.sha256(Press("https://gec.example").set(document)).hexdigest())
"""


def test_two_processes_make_the_same_bytes(press: Press, documents: dict[str, Document], db: Connection) -> None:
    for zone, language in (("Asia/Tokyo", "C"), ("America/Lima", "zh_CN.UTF-8")):
        environment = {"PYTHONPATH": str(ROOT), "TZ": zone, "LANG": language, "PYTHONHASHSEED": zone[:1].encode().hex()}
        words = [sys.executable, "-c", PROGRAM, str(db.engine.url), CERTIFICATE]
        found = subprocess.run(words, check=True, capture_output=True, text=True, env=environment).stdout.strip()
        assert found == hashlib.sha256(press.set(documents["certificate"])).hexdigest()


def test_another_address_is_another_press(press: Press) -> None:
    assert Press("https://other.example").name != press.name
    assert Press("https://gec.example").name == press.name


def test_a_missing_typeface_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=FAMILIES[1]):
        open_typefaces(tmp_path)


def test_characters_that_can_be_shown_are_and_others_are_named(press: Press) -> None:
    faces = press.typefaces
    assert faces.shown("𠮷野家㛃䶮 ABC") == "𠮷野家㛃䶮 ABC"
    assert faces.shown("𪚥😀\u202e\x07") == "〔U+2A6A5〕〔U+1F600〕〔U+202E〕〔U+0007〕"
    assert faces.shown("a\nb\tc") == "a b c"
    assert faces.breakable("A" * 30) == "\u200b".join("A" * 30)
    assert faces.breakable("CW01B60315000001K") == "CW01B60315000001K"


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> dict[Kind, Document]:
    """A sheet of thousands of ranges and a voucher of many trades, of plants with difficult names."""
    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('crowd') / 'store.db'}")
    migrate(engine)
    index(engine, crowd())
    with connected(engine) as db:
        positions = sorted(db.scalars(select(retirements.c.position)).all())
        codes = {Kind.RETIREMENT: f"{positions[0]}-{positions[-1]}", Kind.VOUCHER: "1-30"}
        chain = Chain(1, "0x" + "01" * 20)
        return {kind: read_document(db, chain, kind, code).document for kind, code in codes.items()}


def test_thousands_of_ranges_have_heads_and_sums_on_every_page(
    press: Press, many: dict[Kind, Document], tmp_path: Path
) -> None:
    document: Any = many[Kind.RETIREMENT]
    ranges = document.data["retirement"]["ranges"]
    assert len(ranges) == CROWD_RANGES
    path = written(tmp_path, press.set(document))
    pages = ask("pdftotext", "-layout", path, "-").split("\f")[:-1]
    listed = [page for page in pages if "绿证编码、类型" in page]
    assert len(listed) > 100
    for page in listed:
        assert re.search(r"合计 Total\s+3,000\n", page)
        assert f"共 {len(pages)} 页" in page
    whole = "".join(pages)
    for part in (ranges[0], ranges[1499], ranges[-1]):
        assert part["first_number"] in whole
    assert "30 行" not in whole
    assert re.search(r"发电项目 Projects\s+30\n", pages[0])


def test_long_and_rare_names_come_out_whole(press: Press, many: dict[Kind, Document], tmp_path: Path) -> None:
    found = re.sub(r"\s", "", ask("pdftotext", written(tmp_path, press.set(many[Kind.VOUCHER])), "-"))
    assert LONG_NAME in found
    assert press.typefaces.shown(RARE_NAME).replace(" ", "") in found
    assert "字库所缺字符" in found
    assert RARE_NAME in many[Kind.VOUCHER].json.decode()


def test_no_line_leaves_the_page(press: Press, many: dict[Kind, Document], tmp_path: Path) -> None:
    boxes = ask("pdftotext", "-bbox", written(tmp_path, press.set(many[Kind.VOUCHER])), "-")
    rights = [float(right) for right in re.findall(r'xMax="([0-9.]+)"', boxes)]
    assert rights
    assert max(rights) < 595 - 24 / 25.4 * 72 + 1


def test_a_trade_of_the_sun_is_metered(db: Connection, press: Press, chain: Chain, tmp_path: Path) -> None:
    document = read_document(db, chain, Kind.CERTIFICATE, number(SUN, "2026-08", 0)).document
    found = text_of(tmp_path, press.set(document)).replace("\u200b", "")
    assert "推算电量" not in found
    assert "<script>alert(1)</script>" in found
