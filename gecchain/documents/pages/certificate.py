"""The page of a certificate: what Q14 lists, one page."""

from collections.abc import Mapping
from typing import Any, Final

from gecchain.documents.pages.projects import electricity, project_facts, remarks, tradable
from gecchain.documents.pages.runs import both, fact, member, moment, month, name_of, province, run, words
from gecchain.rules import CertificateState, Label

__all__ = ["certificate_page"]

_TONES: Final = {"held": "good", "listed": "good", "frozen": "caution", "retired": "calm", "deducted": "bad"}
_TRADED: Final = Label("持有，已交易", "held, traded")


def certificate_page(data: Mapping[str, Any]) -> dict[str, Any]:
    """The page of a certificate's data."""
    found, project = data["certificate"], data["project"]
    traded = found["state"] == "held" and found["trade"] is not None
    state = _TRADED if traded else member(CertificateState, found["state"])
    until = found["valid_until"]
    year, number, date = until.split("-")
    name, code, place, owner, credit, kind, subsidy = project_facts(project)
    holder = found["holder"]
    own = [
        fact("项目持有单位", "Holder", name_of(holder) if holder else both("已终结，无持有者", "ended, no holder")),
        fact("电量生产年月", "Period of production", month(found["month"])),
        fact("有效期至", "Valid until", both(f"{year}年{number}月{date}日 24:00", f"{until} 24:00, Beijing time")),
        fact("电量类型", "Electricity", electricity(found)),
        fact("交易属性", "Tradability", tradable(found)),
        fact("核发时间", "Issued", [run(moment(found["issued"]["time"])), run("北京时间 Beijing time", "en")]),
    ]
    where = [fact("持有单位所属省份", "Holder's province", province(holder["province"]))] if holder else []
    added = (
        [fact("补发依据", "Added by", both(f"异议 {found['case']} 号", f"case {found['case']}"))]
        if found["case"]
        else []
    )
    return {
        "titles": {"zh": "绿色电力证书", "en": "Green Electricity Certificate (GEC)"},
        "hero": {"value": str(int(found["energy_wh"]) // 1000), "unit": {"zh": "千瓦时", "en": "kWh"}, "of": []},
        "number": {"zh": "绿证编码", "en": "GEC ID", "text": found["number"]},
        "state": {"tone": _TONES[found["state"]], "value": words(state)},
        "facts": [name, code, place, own[0], *where, kind, *own[1:5], subsidy, owner, credit, own[5], *added],
        "hash": fact("绿证哈希", "Certificate hash", [run(found["hash"], "code")]),
        "tables": [],
        "notes": remarks([project]),
    }
