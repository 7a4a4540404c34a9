"""The pages of a trade voucher: buyer, quantity and energy stand out, as Q15 wants it."""

from collections.abc import Mapping, Sequence
from typing import Any

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
from gecchain.rules import TradeWay

__all__ = ["voucher_page"]


def voucher_page(data: Mapping[str, Any]) -> dict[str, Any]:
    """The pages of a voucher's data."""
    found, projects = data["voucher"], data["projects"]
    parties = {one["address"]: one for one in data["parties"]}
    made = found["trades"]
    single = len(made) == 1
    facts = _one(made[0], projects[0], parties) if single else _many(made, projects)
    tables = [] if single else [_ranges(made, projects, parties, found["count"])]
    if len(projects) > 1:
        tables.insert(0, sums(projects, made, found["count"]))
    return {
        "titles": {"zh": "绿色电力证书交易凭证", "en": "GEC Trade Voucher"},
        "hero": {
            "value": grouped(found["count"]),
            "unit": {"zh": "个绿证", "en": "certificate" if found["count"] == 1 else "certificates"},
            "energy": {
                "zh": f"{kilowatt_hours(found['energy_wh'])} 千瓦时可再生能源电量",
                "en": f"{kilowatt_hours(found['energy_wh'])} kWh of renewable electricity",
            },
            "of": [{"zh": "购买方", "en": "Buyer", "value": name_of(parties[found["buyer"]])}],
        },
        "number": {"zh": "交易编码", "en": "Trade ID", "text": data["code"]},
        "state": undone_state(found),
        "facts": facts,
        "hash": None,
        "tables": tables,
        "notes": [*_undone(found), *remarks(projects)],
    }


def _one(trade: Mapping[str, Any], project: Mapping[str, Any], parties: Mapping[str, Any]) -> list[dict[str, Any]]:
    name, code, place, owner, _credit, kind, _subsidy = project_facts(project)
    green = trade["way"] == TradeWay.GREEN_POWER.slug
    elsewhere = both("电力交易机构", "power exchange") if green else both("不经平台", "outside platforms")
    platform = parties.get(trade["platform"])
    return [
        fact("绿证编码", "GEC ID", span(trade)),
        name,
        code,
        place,
        owner,
        kind,
        fact("电量生产年月", "Period of production", month(trade["month"])),
        fact("有效期至", "Valid until", [run(trade["valid_until"]), run("24:00 北京时间 Beijing time", "en")]),
        fact("电量类型", "Electricity", electricity(trade)),
        fact("出售方", "Seller", name_of(parties.get(trade["seller"]))),
        fact("交易方式", "Way of trading", words(member(TradeWay, trade["way"]))),
        fact("交易平台", "Platform", name_of(platform) if platform else elsewhere),
        fact("成交时间", "Traded", [run(moment(trade["traded"]["time"])), run("北京时间 Beijing time", "en")]),
    ]


def _many(made: Sequence[Mapping[str, Any]], projects: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    first, last = moment(made[0]["traded"]["time"]), moment(made[-1]["traded"]["time"])
    return [
        fact(
            "成交时间",
            "Traded",
            [run(first if first == last else f"{first} – {last}"), run("北京时间 Beijing time", "en")],
        ),
        fact("电量生产年月", "Period of production", [run(months(one["month"] for one in made))]),
        fact("成交笔数", "Trades", [run(grouped(len(made)))]),
        fact("发电项目", "Projects", [run(grouped(len(projects)))]),
    ]


def _ranges(
    made: Sequence[Mapping[str, Any]], projects: Sequence[Mapping[str, Any]], parties: Mapping[str, Any], total: int
) -> dict[str, Any]:
    return {
        "title": {"zh": "绿证明细", "en": "Certificates"},
        "head": [
            {"zh": "交易编码", "en": "Trade"},
            {"zh": "绿证编码", "en": "GEC ID"},
            {"zh": "发电项目、类型", "en": "Project, type"},
            {"zh": "出售方、方式", "en": "Seller, way"},
            {"zh": "数量", "en": "Number"},
        ],
        "columns": ["15mm", "53mm", "1.1fr", "1fr", "17mm"],
        "right": [4],
        "rows": [_row(one, projects[one["project"]], parties) for one in made],
        "sum": [
            {"at": 0, "span": 4, "value": both("合计", "Total")},
            {"at": 4, "span": 1, "value": [run(grouped(total))]},
        ],
    }


def _row(trade: Mapping[str, Any], project: Mapping[str, Any], parties: Mapping[str, Any]) -> list[Runs]:
    way = member(TradeWay, trade["way"])
    return [
        [run(trade["trade"], "code")],
        [*span_lines(trade), BREAK, *electricity(trade)[:1], run(tradable(trade)[0]["t"], "en")],
        [short_name(project), BREAK, *kind_of(project)[:1], run(trade["month"], "en")],
        [*name_of(parties.get(trade["seller"])), BREAK, run(way.zh, "en")],
        [run(grouped(trade["count"]))],
    ]


def _undone(found: Mapping[str, Any]) -> list[Runs]:
    """Parts that a decided case gave back are no longer vouched for (Q53, Q95)."""
    if not found["undone"]:
        return []
    left, gone = grouped(found["count"] - found["undone_count"]), grouped(found["undone_count"])
    zh = f"其中 {gone} 个绿证的交易已由异议 {cases_of(found)} 号撤回，本凭证对其余 {left} 个有效。"
    en = f"Case {cases_of(found)} undid the trade of {gone} of them; this voucher stands for {left}. Undone:"
    return [[run(zh, "strong"), run(en, "en"), *undone_numbers(found)]]
