"""The closed lists of words that the chain stores as numbers: states, reasons, purposes, kinds of account."""

from gecchain.rules.labels import LabelledEnum

__all__ = ["AccountKind", "CertificateState", "LeafRefusal", "Purpose", "RetirementReason"]


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
    OWNER_FROZEN = 8, "", "业主账户已冻结", "owner frozen"


class AccountKind(LabelledEnum):
    """Kind of account (账户类型, Q84 to Q88)."""

    OWNER = 1, "", "项目业主", "project owner"
    BUYER = 2, "", "买方", "buyer"
    PROVINCE = 3, "", "省级绿证专用账户", "provincial account"
    AGENT = 4, "", "代理机构", "agent"
    PLATFORM = 5, "", "交易平台", "trading platform"
    PROVIDER = 6, "", "数据提供方", "data provider"
