"""Thirty plants with difficult names, one buyer, and three thousand ranges retired under one claim."""

from gecchain.events import (
    NO_ACCOUNT,
    AccountOpened,
    Claim,
    ConsecutiveTransfer,
    Event,
    FilingReviewed,
    FilingSubmitted,
    Issued,
    ReadingsCommitted,
    Retired,
    Traded,
)
from gecchain.proofs import Leaf, Tree, keccak256
from gecchain.rules import Electricity, Month, ProjectKey, ProjectType, Technology
from tests.api.story import BASIS, BUYER, METERED, OWNER, PROVINCE, Story, batch_of, filing

__all__ = ["CROWD_RANGES", "LONG_NAME", "RARE_NAME", "crowd"]

LONG_NAME = (
    "新疆维吾尔自治区伊犁哈萨克自治州察布查尔锡伯自治县某某新能源开发有限责任公司第一分公司"
    "与某某能源集团联合体（特殊普通合伙）"
)
RARE_NAME = "𠮷野家𪚥䶮㛃𬺰股份有限公司\u202egnp.exe 😀"
NAMES = ("示例风电场", "A" * 90, RARE_NAME, LONG_NAME)
PLANTS, PARTS = 30, 100
CROWD_RANGES = PLANTS * PARTS
MONTH = "2026-07"


def crowd() -> Story:
    """The story: filed, issued, traded whole, retired in hundredths."""
    story = Story()
    story.log(
        AccountOpened(PROVINCE, 3, 15, PROVINCE, "内蒙古自治区省级绿证专用账户"),
        AccountOpened(BUYER, 2, 31, BUYER, LONG_NAME),
        AccountOpened(METERED, 6, 0, METERED, "示例电力交易中心"),
        AccountOpened(OWNER, 1, 15, OWNER, RARE_NAME),
    )
    kinds = (Technology.WIND, Technology.SOLAR_PV, Technology.OFFSHORE_WIND)
    keys = [
        ProjectKey(ProjectType.CENTRALISED, kinds[at % 3], Month.parse("2015-03"), 15, 100 + at) for at in range(PLANTS)
    ]
    for at, key in enumerate(keys):
        document = filing(key, f"{NAMES[at % 4]}{at}", "", "Xilingol")
        operation = Month.parse("2021-01").index
        story.log(
            FilingSubmitted(key.id, 1, OWNER, operation, 49_500, True, document),
            FilingReviewed(key.id, 1, True, PROVINCE, ""),
        )
    _issue(story, keys)
    for at, key in enumerate(keys, 1):
        batch = batch_of(key, MONTH)
        story.over(Traded(at, 0, batch, 0, PARTS, OWNER, BUYER, 350, NO_ACCOUNT, 2), OWNER, BUYER)
    claim = Claim("受益方", 1, Month.parse("2026-01").index, Month.parse("2026-12").index, "全部用于产品制造。" * 10)
    for key in keys:
        story.log(*_retired(batch_of(key, MONTH), claim))
    return story


def _issue(story: Story, keys: list[ProjectKey]) -> None:
    energy = PARTS * 1_000_000
    leaves = [Leaf(key.id, Electricity.ON_GRID, energy, keccak256(key.code.encode())[:17]) for key in keys]
    leaves.sort(key=lambda leaf: leaf.project)
    tree = Tree.of(leaves)
    month, root = Month.parse(MONTH).index, "0x" + tree.root.hex()
    story.log(ReadingsCommitted(1, month, METERED, False, root, tree.count, energy * len(keys), BASIS, 0))
    firsts = [batch_of(key, MONTH) << 32 for key in keys]
    words = tuple(leaf.pack() for leaf in leaves)
    echoes = (ConsecutiveTransfer(first, first + PARTS - 1, NO_ACCOUNT, OWNER) for first in firsts)
    story.log(Issued(1, 0, (1 << len(words)) - 1, words), *echoes)


def _retired(batch: int, claim: Claim) -> list[Event]:
    found: list[Event] = []
    for serial in range(PARTS):
        token = batch << 32 | serial
        found += [
            Retired(batch, serial, serial + 1, BUYER, 2, claim),
            ConsecutiveTransfer(token, token, BUYER, NO_ACCOUNT),
        ]
    return found
