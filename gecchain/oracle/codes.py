"""Why a row is refused, or what is only reported: every reason has a stable code.

A code is a promise: programs of data providers act on it, so a code never changes its meaning and is never used again
for something else. The sentences may be improved at any time.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

__all__ = ["Code", "Saying"]


class Saying(NamedTuple):
    """One sentence in Chinese and in English."""

    zh: str
    en: str


class Code(Enum):
    """A reason (原因代码); the name is the stable code. A `notice` is reported and stops nothing."""

    # the file
    ENCODING = (
        "文字编码无法识别。",
        "The text is neither UTF-8 nor GB18030.",
        "请以 UTF-8 或 GB18030 重新保存。",
        "Save it as UTF-8 or GB18030.",
    )
    FILE_KIND = (
        "不是可读取的 CSV、XLSX、Parquet 或 JSON 文件。",
        "This is no readable CSV, XLSX, Parquet or JSON file.",
        "请另存为 CSV、XLSX、Parquet 或 JSON。",
        "Save it as CSV, XLSX, Parquet or JSON.",
    )
    BROKEN_ROW = (
        "该行无法按表头拆分。",
        "The row cannot be split as its header says.",
        "请检查分隔符、引号和列数；一行记录不得跨行。",
        "Check separators, quotes and the number of cells; a record stays on one line.",
    )
    MISSING_FIELD = (
        "缺少必填项。",
        "A required field is missing.",
        "请补充该列或该值。",
        "Add the column or the value.",
    )
    # single values
    NUMBER_FORMAT = (
        "数值格式不正确。",
        "The number is not written as required.",
        "请只用数字，最多三位小数，不用千位分隔符。",
        "Use digits with at most three decimals and no thousands separators.",
    )
    UNIT = ("电量单位不正确或未说明。", "The unit is wrong or not told.", "电量请以千瓦时填写。", "Give energy in kWh.")
    MONTH_FORMAT = (
        "月份格式不正确。",
        "The month is not written as required.",
        "请写成 2026-09。",
        "Write it as 2026-09.",
    )
    UNKNOWN_CLASS = (
        "电量类型不存在。",
        "There is no such class of electricity.",
        "请填 on_grid、self_use、off_grid 或 mechanism。",
        "Use on_grid, self_use, off_grid or mechanism.",
    )
    PROJECT_CODE = (
        "项目代码格式或校验位不正确。",
        "The project code or its check character is wrong.",
        "请核对十七位项目代码。",
        "Compare the 17 characters with the filing.",
    )
    NEGATIVE = (
        "电量为负。",
        "The energy is negative.",
        "用网电量不要冲减，应填零或正值。",
        "Do not net consumption; give zero or more.",
    )
    # against the register
    UNKNOWN_PROJECT = (
        "项目未建档立卡。",
        "No project of this code is filed.",
        "请先完成建档立卡（百问第21问）。",
        "File the project first (Q21).",
    )
    PROJECT_NOT_APPROVED = (
        "项目建档立卡尚未审核通过。",
        "The project's filing is not approved.",
        "待省级审核通过后重新提交（第91问）。",
        "Submit it again once the province has approved (Q91).",
    )
    STORAGE = (
        "抽水蓄能和独立储能放电不核发绿证。",
        "Pumped storage and stand-alone storage generate nothing new.",
        "请勿申报储能放电量。",
        "Do not report what storage discharges.",
    )
    MONTH_FUTURE = (
        "生产月份尚未结束。",
        "The month has not ended.",
        "请在次月提交（第27问）。",
        "Submit it in the next month (Q27).",
    )
    MONTH_BEFORE_GRID = (
        "生产月份早于并网月份。",
        "The month lies before the grid connection.",
        "请核对月份，或变更并网时间（第92问）。",
        "Check the month, or have the filing changed (Q92).",
    )
    ABOVE_CAPACITY = (
        "该项目当月各类电量之和超过装机容量可发电量。",
        "The classes of the month add up to more than the capacity can generate.",
        "请核对单位与数值，或变更装机容量（第92问）。",
        "Check unit and figure, or have the capacity changed (Q92).",
    )
    PROVIDER_MISMATCH = (
        "数据提供方与约定或已有读数不一致。",
        "The provider differs from the expected one or from the reading's first provider.",
        "请由原数据提供方更正。",
        "Let the first provider correct it.",
    )
    # against other rows
    DUPLICATE = (
        "同一项目、月份和电量类型在文件中重复。",
        "Project, month and class occur twice in the file.",
        "请合并为一行。",
        "Merge them into one row.",
    )
    SHEET_SPLIT = (
        "共用结算单的拆分电量之和与结算单电量不等。",
        "The split of a shared settlement sheet does not add up to the sheet.",
        "请与电网企业核对拆分（第30问），并重新提交整张结算单。",
        "Agree the split with the grid company (Q30) and submit the whole sheet again.",
    )
    ALREADY_ISSUED = (
        "该月绿证已核发，读数不能再改。",
        "Certificates of this month are issued; the reading can no longer change.",
        "请提出异议，由核发机构立案处理（第95问）。",
        "Open a dispute; the authority decides it as a case (Q95).",
    )
    # declarations
    EVIDENCE = (
        "没有该证明材料文件。",
        "There is no such evidence file.",
        "请将结算单、计量证明与表格放在同一文件夹，或填写证明材料室中的哈希（第26问）。",
        "Put settlement sheet and meter certificate beside the table, or give hashes of the evidence room (Q26).",
    )
    # interval series
    TIME_FORMAT = (
        "时间格式不正确，或缺少时区。",
        "The time cannot be read, or has no offset and no time zone is given.",
        "请写成 2026-07-01T00:15:00+08:00。",
        "Write it as 2026-07-01T00:15:00+08:00.",
    )
    LOCAL_TIME = (
        "该当地时间因夏令时不存在。",
        "This local time does not exist on the day the clocks go forward.",
        "请使用带时差的时间。",
        "Use time stamps with offsets.",
    )
    INTERVAL = (
        "时间间隔不是 5、10、15、30 或 60 分钟，或未对齐。",
        "The interval is not 5, 10, 15, 30 or 60 minutes, or the time is off the grid.",
        "请按固定间隔提供数据。",
        "Give values at one fixed interval.",
    )
    OVERLAP = (
        "同一时段有两个不同的值。",
        "One interval has two different values.",
        "请只保留一个值；该月暂不计入。",
        "Keep one value; the month is left out until then.",
    )
    # reported, stops nothing
    GAP = (
        "该月缺少时段，按零计。",
        "Intervals of the month are missing and count as zero.",
        "如有数据请补充。",
        "Supply them if there are any.",
        True,
    )
    DRAW = (
        "负功率为用电，按零计。",
        "Negative values are draw and count as zero.",
        "无需处理。",
        "Nothing to do.",
        True,
    )
    REPEATED = (
        "同一时段重复出现相同的值。",
        "An interval is repeated with the same value.",
        "无需处理。",
        "Nothing to do.",
        True,
    )
    EMPTY_LINE = ("空行已忽略。", "Empty lines were left out.", "无需处理。", "Nothing to do.", True)
    SHIFTED = (
        "时间已整体平移，仅用于演示。",
        "All times were shifted, for demonstration.",
        "不得用于核发。",
        "Not for real issuing.",
        True,
    )
    # plant lists
    FILING_NO_NAME = ("没有项目名称。", "The plant has no name.", "请补充名称（第90问）。", "Add the name (Q90).")
    FILING_NO_CAPACITY = (
        "没有装机容量。",
        "The capacity is missing or zero.",
        "请补充装机容量（第90问）。",
        "Add the capacity (Q90).",
    )
    FILING_CAPACITY = (
        "装机容量不是整千瓦数或超出范围。",
        "The capacity is no whole number of kW, or out of range.",
        "请按兆瓦填写，最多三位小数。",
        "Give MW with at most three decimals.",
    )
    FILING_NO_PROVINCE = (
        "无法确定所在省份。",
        "The province is not known.",
        "请补充省份代码（GB/T 2260 前两位）。",
        "Add the province code (GB/T 2260, two digits).",
    )
    FILING_TECHNOLOGY = (
        "发电类型不存在。",
        "The technology cannot be told.",
        "请补充发电类型（第22问）。",
        "Name the technology (Q22).",
    )
    FILING_MIXED = (
        "常规水电与抽水蓄能混合，无法按一个项目建档。",
        "Conventional hydro and pumped storage together are no single project.",
        "请分别建档。",
        "File the two parts separately.",
    )
    FILING_COORDINATES = (
        "坐标不正确。",
        "The coordinates are no position on Earth.",
        "请核对经纬度。",
        "Check latitude and longitude.",
    )
    FILING_DATE = (
        "并网时间不正确。",
        "The date of grid connection cannot be read.",
        "请填写年份或年月。",
        "Give a year, or year and month.",
    )
    FILING_DUPLICATE = (
        "同一来源编号重复。",
        "The source's identifier occurs twice.",
        "请只保留一行。",
        "Keep one row.",
    )
    # settlements of contracts and plans of distribution
    ACCOUNT = (
        "既不是账户，也不是统一社会信用代码。",
        "This is neither an account nor a unified social credit code.",
        "请填 0x 和四十位十六进制数，或十八位统一社会信用代码。",
        "Give 0x and 40 hexadecimal digits, or the 18 characters of the code.",
    )
    PRICE = (
        "价格不是整数分。",
        "The price is no whole number of fen.",
        "请以分为单位填写整数。",
        "Give fen as a whole number.",
    )
    QUANTITY = (
        "数量不是正整数或过大。",
        "The quantity is no whole number from 1 on, or too large.",
        "请填写绿证个数。",
        "Give the number of certificates.",
    )
    CONTRACT_NUMBER = (
        "合同编号过长。",
        "The contract's number is too long.",
        "合同编号不超过一百二十个字符。",
        "Use at most 120 characters.",
    )
    CONTRACT_TWICE = (
        "同一合同、项目和月份在文件中重复。",
        "Contract, project and month occur twice in the file.",
        "请合并为一行。",
        "Merge them into one row.",
    )
    CERTIFICATE_NUMBER = (
        "绿证编码不正确，或不属于该项目。",
        "The certificate's number is wrong, or not of the row's project.",
        "请核对三十二位绿证编码。",
        "Compare the 32 characters.",
    )

    notice: bool
    zh: str
    en: str
    remedy: Saying

    def __init__(self, zh: str, en: str, remedy_zh: str, remedy_en: str, notice: bool = False) -> None:
        self.zh = zh
        self.en = en
        self.remedy = Saying(remedy_zh, remedy_en)
        self.notice = notice
