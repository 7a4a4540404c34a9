"""The pages of a retirement sheet: what was retired, for whom, and the whole way of it (Q81)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from gecchain.documents.pages.projects import (
    cases_of,
    electricity,
    kind_of,
    project_facts,
    remarks,
    short_name,
    sums,
    tradable,
    undone_numbers,
    undone_state,
)
from gecchain.documents.pages.runs import (
    BREAK,
    Runs,
    both,
    day,
    fact,
    grouped,
    kilowatt_hours,
    member,
    moment,
    month,
    months,
    name_of,
    run,
    span,
    span_lines,
    words,
)
from gecchain.rules import Label, Month, MoveKind, Purpose, RetirementReason, TradeWay

__all__ = ["retirement_page"]

_EVENTS: Final = {
    "issued": Label("核发", "issued"),
    "added": Label("补发", "issued in addition"),
    "listed": Label("挂牌", "listed"),
    "withdrawn": Label("撤回下架", "withdrawn"),
    "traded": Label("交易", "traded"),
    "trade_undone": Label("撤回交易", "trade undone"),
    "moved": Label("划转", "moved"),
    "frozen": Label("冻结", "frozen"),
    "unfrozen": Label("解冻", "unfrozen"),
    "retired": Label("核销", "retired"),
    "retirement_undone": Label("撤回核销", "retirement undone"),
}
# Of many ranges only these stand in the table; the attached data have all of them.
_MAIN: Final = ("issued", "added", "traded", "trade_undone", "moved", "retired", "retirement_undone")


def retirement_page(data: Mapping[str, Any]) -> dict[str, Any]:
    """The pages of a sheet's data."""
    found, projects = data["retirement"], data["projects"]
    parties = {one["address"]: one for one in data["parties"]}
    ranges = found["ranges"]
    single = len(ranges) == 1
    own = _one(ranges[0], projects[0]) if single else _many(ranges, projects)
    tables = [_way(ranges[0], parties)] if single else [_ranges(ranges, projects, found["count"])]
    if len(projects) > 1:
        tables.insert(0, sums(projects, ranges, found["count"]))
    energy = kilowatt_hours(found["energy_wh"])
    return {
        "titles": {"zh": "绿证核销信息表", "en": "GEC Retirement Statement"},
        "hero": {
            "value": grouped(found["count"]),
            "unit": {"zh": "个绿证", "en": "certificate" if found["count"] == 1 else "certificates"},
            "energy": {"zh": f"{energy} 千瓦时", "en": f"{energy} kWh"},
            "of": [{"zh": "核销单位", "en": "Retired by", "value": name_of(parties[found["holder"]])}],
        },
        "number": {"zh": "核销编码", "en": "Retirement ID", "text": data["code"]},
        "state": undone_state(found),
        "facts": [*_claim(found), *own],
        "hash": None,
        "tables": tables,
        "notes": [*_undone(found), *remarks(projects)],
    }


def _claim(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    reason = fact("核销原因", "Reason", words(member(RetirementReason, found["reason"])))
    claim = found["claim"]
    if claim is None:
        return [reason]
    last = str(Month(Month.parse(claim["to"]).index - 1))
    told = [fact("声明", "Statement", [run(claim["statement"])])] if claim["statement"] else []
    return [
        reason,
        fact(
            "受益方",
            "Beneficiary",
            [run(claim["beneficiary"])] if claim["beneficiary"] else both("未载明", "not stated"),
        ),
        fact("用途", "Purpose", words(member(Purpose, claim["purpose"]))),
        fact("消费时段", "Period of consumption", [run(months([claim["from"], last]))]),
        *told,
    ]


def _one(part: Mapping[str, Any], project: Mapping[str, Any]) -> list[dict[str, Any]]:
    name, code, place, _owner, _credit, kind, _subsidy = project_facts(project)
    return [
        fact("绿证编码", "GEC ID", span(part)),
        name,
        code,
        place,
        kind,
        fact("电量生产年月", "Period of production", month(part["month"])),
        fact("绿证类型", "Class", [*electricity(part), *tradable(part)]),
    ]


def _many(ranges: Sequence[Mapping[str, Any]], projects: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    first, last = day(ranges[0]["retired"]["time"]), day(ranges[-1]["retired"]["time"])
    return [
        fact("核销日期", "Retired", [run(first if first == last else f"{first} – {last}")]),
        fact("电量生产年月", "Period of production", [run(months(one["month"] for one in ranges))]),
        fact("绿证区间", "Ranges", [run(grouped(len(ranges)))]),
        fact("发电项目", "Projects", [run(grouped(len(projects)))]),
    ]


def _way(part: Mapping[str, Any], parties: Mapping[str, Any]) -> dict[str, Any]:
    """Every event of one range, with the two sides."""
    return {
        "title": {"zh": "流转信息", "en": "From issue to retirement"},
        "head": [
            {"zh": "时间（北京）", "en": "Beijing time"},
            {"zh": "环节", "en": "Event"},
            {"zh": "转出方", "en": "From"},
            {"zh": "转入方", "en": "To"},
            {"zh": "区块", "en": "Block"},
        ],
        "columns": ["35mm", "32mm", "1fr", "1fr", "17mm"],
        "right": [4],
        "rows": [_step(step, parties) for step in part["history"]],
        "sum": None,
    }


def _step(step: Mapping[str, Any], parties: Mapping[str, Any]) -> list[Runs]:
    way = step.get("way")
    kind = MoveKind if step["event"] == "moved" else TradeWay
    more = [run(member(kind, way).zh, "en")] if way else []
    case = [run(f"异议 {step['case']} 号 case", "en")] if "case" in step else []
    sides = [name_of(parties.get(step[side])) if side in step else [] for side in ("from", "to")]
    return [
        [run(moment(step["time"]))],
        [*words(_EVENTS[step["event"]]), *more, *([BREAK, *case] if case else [])],
        *sides,
        [run(grouped(step["block"]))],
    ]


def _ranges(ranges: Sequence[Mapping[str, Any]], projects: Sequence[Mapping[str, Any]], total: int) -> dict[str, Any]:
    return {
        "title": {"zh": "绿证明细与流转信息", "en": "Certificates, from issue to retirement"},
        "head": [
            {"zh": "序号", "en": "No."},
            {"zh": "绿证编码、类型", "en": "GEC ID, class"},
            {"zh": "发电项目、类型、生产年月", "en": "Project, type, month"},
            {"zh": "流转", "en": "From issue to retirement"},
            {"zh": "数量", "en": "Number"},
        ],
        "columns": ["12mm", "53mm", "1fr", "29mm", "17mm"],
        "right": [0, 4],
        "rows": [_row(at, one, projects[one["project"]]) for at, one in enumerate(ranges, 1)],
        "sum": [
            {"at": 0, "span": 4, "value": both("合计", "Total")},
            {"at": 4, "span": 1, "value": [run(grouped(total))]},
        ],
    }


def _row(at: int, part: Mapping[str, Any], project: Mapping[str, Any]) -> list[Runs]:
    way = [step for step in part["history"] if step["event"] in _MAIN]
    return [
        [run(grouped(at))],
        [*span_lines(part), BREAK, *electricity(part)[:1], run(tradable(part)[0]["t"], "en")],
        [short_name(project), BREAK, *kind_of(project)[:1], run(part["month"], "en")],
        [run(f"{day(step['time'])} {_EVENTS[step['event']].zh}", "line") for step in way],
        [run(grouped(part["count"]))],
    ]


def _undone(found: Mapping[str, Any]) -> list[Runs]:
    """Parts that a decided case gave back are retired no longer (Q95)."""
    if not found["undone"]:
        return []
    left, gone = grouped(found["count"] - found["undone_count"]), grouped(found["undone_count"])
    zh = f"其中 {gone} 个绿证的核销已由异议 {cases_of(found)} 号撤回，仍处于核销状态的为 {left} 个。"
    en = f"Case {cases_of(found)} undid the retirement of {gone} of them; {left} are retired still. Undone:"
    return [[run(zh, "strong"), run(en, "en"), *undone_numbers(found)]]
