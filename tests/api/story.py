"""A small registry with everything in it: a scripted stream of events, applied through the store's own projection.

Three plants (wind with derived readings, photovoltaics with metered ones, stock hydro), a filing that waits, and
certificates in every state that there is. Nothing is mocked: ledger and store fold these events as they fold a chain's.
"""

from dataclasses import dataclass, field

from sqlalchemy import Engine

from gecchain.chain.deployment import Deployment
from gecchain.events import (
    NO_ACCOUNT,
    AccountFrozen,
    AccountOpened,
    Claim,
    ConsecutiveTransfer,
    Event,
    FilingReviewed,
    FilingSubmitted,
    Frozen,
    Issued,
    Listed,
    Moved,
    PlatformAdmitted,
    ReadingsCommitted,
    Recorded,
    Retired,
    Traded,
    Unfrozen,
    Withdrawn,
)
from gecchain.proofs import Leaf, Tree, canonical_json, keccak256
from gecchain.rules import (
    BatchKey,
    Electricity,
    Lane,
    Month,
    ProjectKey,
    ProjectType,
    Technology,
    classify,
    number_of,
    token_id,
)
from gecchain.rules.carry import EMPTY_LANE
from gecchain.store.indexing import Header, Projection

DEPLOYMENT = Deployment(20_300, 0, *("0x" + f"a{number}" * 20 for number in range(1, 10)))
START = 1_790_000_000  # 2026-09-21, UTC


def address(number: int) -> str:
    return "0x" + keccak256(number.to_bytes(4, "big"))[-20:].hex()


PROVINCE, OWNER, BUYER, PERSON, PLATFORM, DERIVED, METERED, SUN_OWNER = (address(number) for number in range(1, 9))
WIND = ProjectKey(ProjectType.CENTRALISED, Technology.WIND, Month.parse("2015-03"), 15, 1)
SUN = ProjectKey(ProjectType.DISTRIBUTED, Technology.SOLAR_PV, Month.parse("2020-06"), 44, 2)
HYDRO = ProjectKey(ProjectType.CENTRALISED, Technology.HYDRO, Month.parse("2001-01"), 15, 3)
WAITING = ProjectKey(ProjectType.HOUSEHOLD, Technology.SOLAR_PV, Month.parse("2025-01"), 37, 4)
BASIS = "0x" + "be" * 32


def filing(key: ProjectKey, name: str, owner: str, location: str, **more: object) -> str:
    document = {
        "approved": str(key.approved),
        "capacity_kw": 49_500,
        "code": key.code,
        "in_operation": "2021-01",
        "location": location,
        "name": name,
        "owner": owner,
        "owner_made_up": True,
        "province": f"{key.province:02d}",
        "state": "operating",
        "subsidy": "unknown",
        "technology": key.technology.slug,
        "type": key.type.code,
        **more,
    }
    return canonical_json(document).decode()  # type: ignore[arg-type]


@dataclass
class Story:
    """Writes what the contracts would have logged; one call of `log` is a transaction in a block of its own."""

    blocks: list[list[Recorded]] = field(default_factory=list)
    lanes: dict[tuple[int, int], Lane] = field(default_factory=dict)
    commitments: int = 0

    def log(self, *events: Event) -> None:
        number = len(self.blocks) + 1
        transaction = "0x" + keccak256(f"transaction {number}".encode()).hex()
        time = START + 3600 * number
        self.blocks.append(
            [
                Recorded(number, index, block_hash(number), transaction, time, event)
                for index, event in enumerate(events)
            ]
        )

    def commit(self, provider: str, month: str, readings: dict[ProjectKey, int]) -> None:
        """Commits and issues a month's readings, Wh by project, in one chunk."""
        self.commitments += 1
        leaves = [
            Leaf(key.id, Electricity.ON_GRID, wh, keccak256(f"{key.code} {month}".encode())[:17])
            for key, wh in sorted(readings.items(), key=lambda item: item[0].id)
        ]
        tree, index = Tree.of(leaves), Month.parse(month).index
        total = sum(readings.values())
        root = "0x" + tree.root.hex()
        self.log(ReadingsCommitted(self.commitments, index, provider, False, root, tree.count, total, BASIS, 0))
        minted = [self.mint(key, month, wh) for key, wh in readings.items()]
        words = tuple(leaf.pack() for leaf in leaves)
        self.log(Issued(self.commitments, 0, (1 << len(words)) - 1, words), *(one for one in minted if one))

    def mint(self, key: ProjectKey, month: str, wh: int) -> Event | None:
        lane = (key.id, Electricity.ON_GRID.value)
        self.lanes[lane], count = self.lanes.get(lane, EMPTY_LANE).issue(Month.parse(month), wh)
        holder = {WIND: OWNER, SUN: SUN_OWNER, HYDRO: PROVINCE}[key]
        first = batch_of(key, month) << 32
        return ConsecutiveTransfer(first, first + count - 1, NO_ACCOUNT, holder) if count else None

    def over(self, event: Moved | Traded | Retired, giver: str, taker: str) -> None:
        """A range event with its ERC-2309 echo."""
        first, last = event.batch << 32 | event.start, event.batch << 32 | event.end - 1
        self.log(event, ConsecutiveTransfer(first, last, giver, taker))


def block_hash(number: int) -> str:
    return "0x" + keccak256(f"block {number}".encode()).hex()


def batch_of(key: ProjectKey, month: str) -> int:
    tradable = classify(key.technology, Electricity.ON_GRID, Month.parse("2021-01"), False).tradable
    return BatchKey(key.id, Month.parse(month), Electricity.ON_GRID, tradable).id


def number(key: ProjectKey, month: str, serial: int) -> str:
    return number_of(token_id(batch_of(key, month), serial))


def tell() -> Story:
    """The whole story."""
    story = Story()
    story.log(
        AccountOpened(PROVINCE, 3, 15, PROVINCE, "内蒙古自治区省级绿证专用账户"),
        AccountOpened(BUYER, 2, 31, BUYER, "示例制造有限公司 Example Manufacturing"),
        AccountOpened(PERSON, 2, 0, PERSON, ""),
        AccountOpened(PLATFORM, 5, 0, PLATFORM, "示例交易平台 Example Platform"),
        AccountOpened(DERIVED, 6, 0, DERIVED, "示例电网数据公司 Example Grid Data (derived readings)"),
        AccountOpened(METERED, 6, 0, METERED, "示例电力交易中心 Example Exchange"),
        AccountOpened(OWNER, 1, 15, OWNER, "示例风电有限公司 Example Wind"),
        AccountOpened(SUN_OWNER, 1, 44, SUN_OWNER, "示例光伏有限公司 <b>Example & Sun</b>"),
        PlatformAdmitted(PLATFORM, 0),
    )
    _file(story)
    story.commit(DERIVED, "2023-10", {WIND: 25_400_000})
    story.commit(DERIVED, "2026-07", {WIND: 9_120_300_000, HYDRO: 77_000_000})
    story.commit(METERED, "2026-07", {SUN: 999_000})
    story.commit(DERIVED, "2026-08", {WIND: 12_345_678_000, HYDRO: 81_500_000})
    story.commit(METERED, "2026-08", {SUN: 3_001_000})
    _market(story)
    _ends(story)
    return story


def _file(story: Story) -> None:
    source = "Global Power Plant Database, World Resources Institute, CC BY 4.0"
    wind = filing(WIND, "示例风电场 Example Wind Farm", "示例风电有限公司", "Xilingol", source=source)
    story.log(FilingSubmitted(WIND.id, 1, OWNER, Month.parse("2021-01").index, 49_500, True, wind))
    story.log(FilingReviewed(WIND.id, 1, False, PROVINCE, "并网时间有误"))
    story.log(FilingSubmitted(WIND.id, 2, OWNER, Month.parse("2021-01").index, 49_500, True, wind))
    story.log(FilingReviewed(WIND.id, 2, True, PROVINCE, ""))
    sun = filing(SUN, "示例光伏电站 <script>alert(1)</script>", "示例光伏有限公司", "Guangzhou", subsidy="unsubsidised")
    story.log(FilingSubmitted(SUN.id, 1, SUN_OWNER, Month.parse("2021-01").index, 500, True, sun))
    story.log(FilingReviewed(SUN.id, 1, True, PROVINCE, ""))
    hydro = filing(HYDRO, "示例水电站 Example Dam", "示例风电有限公司", "Yellow River", subsidy="subsidised")
    story.log(FilingSubmitted(HYDRO.id, 1, OWNER, Month.parse("2021-01").index, 90_000, False, hydro))
    story.log(FilingReviewed(HYDRO.id, 1, True, PROVINCE, ""))
    waiting = filing(WAITING, "示例户用光伏 Example Roof", "", "Jinan")
    story.log(FilingSubmitted(WAITING.id, 1, PERSON, Month.parse("2025-02").index, 20, False, waiting))


def _market(story: Story) -> None:
    wind = batch_of(WIND, "2026-08")
    story.log(Listed(1, wind, 120, 4120, OWNER, 350, 1))
    story.over(Traded(1, 1, wind, 120, 1120, OWNER, BUYER, 350, PLATFORM, 1), OWNER, BUYER)
    story.log(Listed(2, wind, 6000, 6500, OWNER, 12_345, 1))
    story.log(Withdrawn(2, wind, 6000, 6500))
    story.over(Moved(batch_of(HYDRO, "2026-08"), 10, 40, PROVINCE, BUYER, 1, BASIS), PROVINCE, BUYER)
    story.log(Frozen(wind, 5000, 5010, BASIS))
    story.log(Frozen(wind, 5500, 5501, BASIS))
    story.log(Unfrozen(wind, 5500, 5501, BASIS))


def _ends(story: Story) -> None:
    wind, old = batch_of(WIND, "2026-08"), batch_of(WIND, "2023-10")
    claim = Claim("示例制造有限公司", 1, Month.parse("2026-08").index, Month.parse("2026-09").index, "全部用于产品制造")
    story.over(Retired(wind, 120, 150, BUYER, 2, claim), BUYER, NO_ACCOUNT)
    story.over(Retired(old, 0, 10, OWNER, 1, Claim("", 0, 0, 0, "")), OWNER, NO_ACCOUNT)
    story.log(AccountFrozen(PERSON, True, "身份待核"))


def index(engine: Engine, story: Story, *, head: int = 0) -> None:
    """Applies the story through the projection; the chain's head is what the indexer saw last."""
    projection = Projection(engine)
    at = projection.start("story", Header(0, block_hash(0), block_hash(0), START))
    for recorded in story.blocks:
        header = Header(at.block + 1, block_hash(at.block + 1), at.hash, recorded[0].time)
        at = projection.extend(at, [(header, recorded)], head or len(story.blocks), undoable=False)
