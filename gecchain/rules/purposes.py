"""The closed lists of words that the chain stores as numbers: states, reasons, purposes, kinds of account."""

from gecchain.rules.labels import LabelledEnum

__all__ = [
    "AccountKind",
    "CaseStage",
    "CertificateState",
    "DealStatus",
    "DeclarationStage",
    "LeafRefusal",
    "MoveKind",
    "Outcome",
    "Purpose",
    "RetirementReason",
    "TradeWay",
    "shown_state",
]


class CertificateState(LabelledEnum):
    """State of a certificate on the chain (绿证状态); that it has expired follows from the calendar and is no state."""

    NONE = 0, "", "不存在", "does not exist"
    HELD = 1, "", "持有", "held"
    LISTED = 2, "", "已上架", "listed for sale"
    FROZEN = 3, "", "已冻结", "frozen"
    RETIRED = 4, "", "已核销", "retired"
    DEDUCTED = 5, "", "已扣减", "deducted"


class RetirementReason(LabelledEnum):
    """Why a certificate was retired (核销原因, Q79; 2026 rules)."""

    EXPIRED = 1, "", "超过有效期", "expired"
    CONSUMPTION = 2, "", "声明绿色电力消费", "declared consumption"
    CCER = 3, "", "签发核证自愿减排量", "CCER registered"
    ACCOUNT_CLOSED = 4, "", "账户注销", "account closed"


class Purpose(LabelledEnum):
    """What the declared consumption was for (用途, Q54)."""

    PRODUCTION = 1, "", "产品制造", "production"
    MEETING = 2, "", "会议", "meeting"
    EVENT = 3, "", "活动", "event"
    OFFICE = 4, "", "办公", "office"
    CULTURE_SPORT = 5, "", "体育文旅", "culture and sport"
    IMAGE = 6, "", "企业或个人形象宣传", "image"
    OTHER = 7, "", "其他", "other"


class LeafRefusal(LabelledEnum):
    """Why the contract did not issue one leaf of a chunk."""

    PROJECT_NOT_APPROVED = 1, "", "项目未通过建档立卡审核", "project not approved"
    MONTH_ALREADY_ISSUED = 2, "", "该月已核发", "month already issued"
    BEFORE_GRID_CONNECTION = 3, "", "早于并网时间", "before grid connection"
    TOO_OLD = 4, "", "月份过早", "too old"
    NOT_ISSUABLE = 5, "", "不属于核发范围", "not issuable"
    NO_PROVINCIAL_ACCOUNT = 6, "", "无省级绿证专用账户", "no provincial account"
    TOO_MANY = 7, "", "超过单批上限", "too many"


class AccountKind(LabelledEnum):
    """Kind of account (账户类型, Q84 to Q88)."""

    OWNER = 1, "", "项目业主", "project owner"
    BUYER = 2, "", "买方", "buyer"
    PROVINCE = 3, "", "省级绿证专用账户", "provincial account"
    AGENT = 4, "", "代理机构", "agent"
    PLATFORM = 5, "", "交易平台", "trading platform"
    PROVIDER = 6, "", "数据提供方", "data provider"


class TradeWay(LabelledEnum):
    """How a certificate came to its one trade (交易方式, Q41, Q43)."""

    LISTING = 1, "", "挂牌交易", "listing"
    BILATERAL = 2, "", "双边协商", "bilateral"
    GREEN_POWER = 3, "", "绿色电力交易", "green-power trading"


class MoveKind(LabelledEnum):
    """Why a certificate moves without a trade (划转, Q47, Q48, 2026 rules). That there is a succession is ours."""

    HYDRO_TO_USER = 1, "", "存量常规水电划转用户", "stock hydro to its user"
    DISTRIBUTION = 2, "", "省级分配", "distribution by the province"
    SELF_USE_TO_USER = 3, "", "自发自用划转", "self-used electricity to its user"
    SUCCESSION = 4, "", "承继", "succession"


class DealStatus(LabelledEnum):
    """What became of a bilateral order."""

    OPEN = 0, "", "未成交", "open"
    FILLED = 1, "", "已成交", "filled"
    CANCELLED = 2, "", "已撤销", "cancelled"


class DeclarationStage(LabelledEnum):
    """Where a declared reading stands (Q26): 申报, 初核, 复核."""

    NONE = 0, "", "未申报", "not declared"
    DECLARED = 1, "", "已申报，待初核", "declared, first check due"
    CHECKED = 2, "", "初核通过，待复核", "passed the first check, second check due"
    ACCEPTED = 3, "", "复核通过", "passed the second check"
    SENT_BACK = 4, "", "已退回", "sent back"


class CaseStage(LabelledEnum):
    """Where a dispute stands (异议处理, Q95)."""

    NONE = 0, "", "无异议", "no case"
    OPENED = 1, "", "已提出，待电力交易机构核对", "opened, proposal due"
    PROPOSED = 2, "", "已提出更正意见，待派出机构核实", "proposed, check due"
    CHECKED = 3, "", "已核实，待资质中心决定", "checked, decision due"
    DECIDED = 4, "", "已决定，待执行", "decided, execution due"
    CLOSED = 5, "", "已办结", "closed"


class Outcome(LabelledEnum):
    """What a dispute came to (异议处理结果, Q95)."""

    NONE = 0, "", "未决定", "not decided"
    REJECTED = 1, "", "驳回", "rejected"
    ADDED = 2, "", "补发", "issued in addition"
    DEDUCTED = 3, "", "扣减", "deducted"
    UNDONE = 4, "", "撤回交易", "trade undone"


def shown_state(state: int, *, traded: bool, ccer: bool) -> CertificateState:
    """The state that people see: what is untraded stands still while its project has turned to CCER (Q12, Q66)."""
    alive = state in (CertificateState.HELD, CertificateState.LISTED)
    return CertificateState.FROZEN if alive and ccer and not traded else CertificateState.of_number(state)
