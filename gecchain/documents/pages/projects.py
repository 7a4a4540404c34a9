"""What pages say about projects, and about ranges of several projects in sum."""

from collections.abc import Mapping, Sequence
from typing import Any

from gecchain.documents.pages.runs import (
    BREAK,
    Run,
    Runs,
    both,
    fact,
    grouped,
    made_up,
    member,
    months,
    province,
    run,
    span,
    words,
)
from gecchain.rules import Electricity, Label, ProjectType, Technology

__all__ = [
    "cases_of",
    "electricity",
    "kind_of",
    "place_of",
    "project_facts",
    "project_name",
    "remarks",
    "sums",
    "tradable",
    "undone_numbers",
    "undone_state",
]

_TRADABLE = {True: Label("可交易", "tradable"), False: Label("不可交易", "not tradable")}
_SUBSIDIES = {
    "subsidised": Label("补贴项目", "subsidised"),
    "unsubsidised": Label("无补贴项目", "not subsidised"),
}
_SHOWN = 5
_UNSTATED = Label("资料未载明", "not stated in the source")


def project_name(project: Mapping[str, Any]) -> Runs:
    """The name in the filing; the code where it has none."""
    return [run(project["name"] or project["code"]), *made_up(project, "name")]


def short_name(project: Mapping[str, Any]) -> Run:
    """The name without marks, for tables."""
    return run(project["name"] or project["code"])


def kind_of(project: Mapping[str, Any]) -> Runs:
    """What it generates from, and how it is built."""
    technology, built = member(Technology, project["technology"]), member(ProjectType, project["type"])
    return both(f"{technology.zh}（{built.zh}）", f"{technology.en}, {built.en}")


def place_of(project: Mapping[str, Any]) -> Runs:
    """Province and place."""
    where = [run(project["location"])] if project["location"] else []
    return [*province(project["province"]), *where, *made_up(project, "location")]


def electricity(part: Mapping[str, Any]) -> Runs:
    """Class of the electricity (电量类型)."""
    return words(member(Electricity, part["electricity"]))


def tradable(part: Mapping[str, Any]) -> Runs:
    """Whether certificates of the range may be traded."""
    return words(_TRADABLE[part["tradable"]])


def project_facts(project: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Everything that is said of a project whose certificates a document is about (Q14)."""
    owner = project["owner"]["name"]
    named = [run(owner), *made_up(project, "owner")] if owner else both("自然人", "natural person")
    code = project["owner_credit_code"]
    hidden = both("未公开", "not public; the chain holds a keyed digest")
    return [
        fact("发电项目名称", "Project name", project_name(project)),
        fact("项目代码", "Project code", [run(project["code"], "code")]),
        fact("项目所在地", "Place", place_of(project)),
        fact("项目业主", "Project owner", named),
        fact("统一社会信用代码", "Social credit code", [run(code, "code")] if code else hidden),
        fact("发电类型", "Renewable type", kind_of(project)),
        fact(
            "补贴",
            "Subsidy",
            [*words(_SUBSIDIES.get(project["subsidy"], _UNSTATED)), *made_up(project, "subsidy")],
        ),
    ]


def sums(projects: Sequence[Mapping[str, Any]], parts: Sequence[Mapping[str, Any]], total: int) -> dict[str, Any]:
    """The table of certificates by project."""
    rows = []
    for index, project in enumerate(projects):
        own = [part for part in parts if part["project"] == index]
        rows.append(
            [
                [short_name(project), BREAK, run(project["code"], "code")],
                kind_of(project),
                [run(months(part["month"] for part in own))],
                [run(grouped(sum(part["count"] for part in own)))],
            ]
        )
    return {
        "title": {"zh": "按项目汇总", "en": "By project"},
        "head": [
            {"zh": "发电项目", "en": "Project"},
            {"zh": "发电类型", "en": "Type"},
            {"zh": "生产年月", "en": "Month"},
            {"zh": "数量", "en": "Certificates"},
        ],
        "columns": ["2.2fr", "1.6fr", "26mm", "22mm"],
        "right": [3],
        "rows": rows,
        "sum": [
            {"at": 0, "span": 3, "value": both("合计", "Total")},
            {"at": 3, "span": 1, "value": [run(grouped(total))]},
        ],
    }


def remarks(projects: Sequence[Mapping[str, Any]]) -> list[Runs]:
    """What has to be said beside the data: derived readings, whose data it is, what was made up."""
    found: list[Runs] = []
    if any(project["derived"] for project in projects):
        zh = "推算电量：所涉电量由装机容量、年发电量和季节推算得出，并非电表计量值。"
        found.append(
            both(zh, "Derived readings: this energy was computed from capacity and season. It was not metered.")
        )
    if any(project["made_up"] for project in projects):
        text = "登记资料中的部分内容为演示而虚构。", "Parts of the filing were made up for demonstration."
        found.append(both(*text))
    sources = sorted({name for project in projects for name in project["credits"]})
    found.extend(both(f"项目资料来源：{name}", "Plant data") for name in sources)
    return found


def cases_of(found: Mapping[str, Any]) -> str:
    """Numbers of the cases that undid parts of a trade or retirement."""
    return "、".join(sorted({str(one["case"]) for one in found["undone"]}, key=int))


def undone_state(found: Mapping[str, Any]) -> dict[str, Any] | None:
    """What stands at the head of a voucher or sheet of which a decided case gave back all or a part (Q53, Q95)."""
    if not found["undone"]:
        return None
    if found["undone_count"] == found["count"]:
        return {"tone": "bad", "value": both("已撤回，本件无效", "undone, no longer valid")}
    return {"tone": "caution", "value": both("部分撤回", "undone in part")}


def undone_numbers(found: Mapping[str, Any]) -> Runs:
    """The numbers of those parts, of the first five where there are more; the data have all."""
    undone = found["undone"]
    shown = [piece for one in undone[:_SHOWN] for piece in span(one)]
    return shown if len(undone) <= _SHOWN else [*shown, run(f"等 {len(undone)} 段 and more", "en")]
