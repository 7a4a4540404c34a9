"""The story with everything that goes on beside it: mandate, CCER, declaration, order, settlement, dispute."""

from gecchain.events import (
    NO_ACCOUNT,
    AccountOpened,
    CaseChecked,
    CaseOpened,
    CaseProposed,
    CcerChosen,
    CcerRegistered,
    ConsecutiveTransfer,
    DealFilled,
    Declared,
    FilingReviewed,
    FilingSubmitted,
    MandateFiled,
    Serials,
    Settled,
    Traded,
)
from gecchain.proofs import Leaf, keccak256
from gecchain.rules import Electricity, Month, ProjectKey, ProjectType, Technology
from tests.api.story import (
    BASIS,
    BUYER,
    METERED,
    OWNER,
    PLATFORM,
    PROVINCE,
    SUN,
    SUN_OWNER,
    WIND,
    Story,
    address,
    batch_of,
    filing,
    tell,
)

AGENT = address(20)
DEAL, CONTRACT, DECLARATION = ("0x" + keccak256(name).hex() for name in (b"deal", b"contract", b"declaration"))
AUGUST = Month.parse("2026-08").index
OFFICE = address(21)
SEA = ProjectKey(ProjectType.CENTRALISED, Technology.DEEP_SEA_WIND, Month.parse("2021-03"), 44, 5)


def tell_all() -> Story:
    """The whole story and the rest of it."""
    story = tell()
    wind = batch_of(WIND, "2026-08")
    story.log(AccountOpened(AGENT, 4, 15, AGENT, "示例代理有限公司 Example Agent"))
    story.log(MandateFiled(OWNER, AGENT, 1_790_000_000, 1_850_000_000, BASIS))
    leaf = Leaf(SUN.id, Electricity.SELF_USE, 4_200_000, b"\x11" * 17).pack()
    story.log(Declared(DECLARATION, AUGUST, SUN_OWNER, leaf, BASIS, SUN_OWNER))
    story.log(
        Traded(2, 0, wind, 7000, 7100, OWNER, BUYER, 420, PLATFORM, 2),
        ConsecutiveTransfer(wind << 32 | 7000, wind << 32 | 7099, OWNER, BUYER),
        DealFilled(DEAL, 2, 2, True, 1_800_000_000),
    )
    story.log(
        Traded(3, 0, wind, 8000, 8005, OWNER, BUYER, 0, NO_ACCOUNT, 3),
        ConsecutiveTransfer(wind << 32 | 8000, wind << 32 | 8004, OWNER, BUYER),
        Settled(CONTRACT, WIND.id, AUGUST, 3, 3, 5_000_000, 6_000_000, 7_000_000, 31_000, METERED),
    )
    sea = filing(SEA, "示例海上风电场 Example Sea", "示例风电有限公司", "Yangjiang")
    story.log(FilingSubmitted(SEA.id, 1, OWNER, Month.parse("2022-01").index, 500_000, True, sea))
    story.log(FilingReviewed(SEA.id, 1, True, PROVINCE, ""))
    story.log(CcerChosen(SEA.id, True))
    story.log(CcerRegistered(SEA.id, AUGUST, AUGUST + 1, "CCER-示例-0001"))
    story.log(CaseOpened(1, wind, OWNER, (Serials(9000, 9010),), BASIS, "抄表有误"))
    story.log(CaseProposed(1, METERED, 12_335_678_000, BASIS, "复核读数"))
    story.log(CaseChecked(1, OFFICE, True, BASIS, "属实"))
    return story
