"""The rules of a green electricity certificate as pure functions of values.

Nothing here reads a file, a clock, a chain or a database; every other room may import it. The specification is the
official 100 questions and answers of March 2025 (Q1 to Q100); each function names its question.
"""

from gecchain.rules.carry import EMPTY_LANE, Lane, certificates_of
from gecchain.rules.classes import Classification, Electricity, FirstHolder, ProjectType, Technology, classify
from gecchain.rules.corrections import corrected
from gecchain.rules.identity import account_address, identity_hash, legal_code, valid_resident_number, valid_uscc
from gecchain.rules.labels import Label, LabelledEnum, certificates
from gecchain.rules.months import BEIJING, Month, expires_at, expiring_within, last_valid_day
from gecchain.rules.numbers import BatchKey, ProjectKey, number_of, parse_number, split_token_id, token_id
from gecchain.rules.parameters import Parameter
from gecchain.rules.provinces import PROVINCES, province_label, province_of
from gecchain.rules.purposes import (
    AccountKind,
    CaseStage,
    CertificateState,
    DealStatus,
    DeclarationStage,
    LeafRefusal,
    MoveKind,
    Outcome,
    Purpose,
    RetirementReason,
    TradeWay,
    shown_state,
)
from gecchain.rules.ranges import Range, covers, union
from gecchain.rules.settlement import settled_certificates
from gecchain.rules.typed import canonical_text

__all__ = [
    "BEIJING",
    "EMPTY_LANE",
    "PROVINCES",
    "AccountKind",
    "BatchKey",
    "CaseStage",
    "CertificateState",
    "Classification",
    "DealStatus",
    "DeclarationStage",
    "Electricity",
    "FirstHolder",
    "Label",
    "LabelledEnum",
    "Lane",
    "LeafRefusal",
    "Month",
    "MoveKind",
    "Outcome",
    "Parameter",
    "ProjectKey",
    "ProjectType",
    "Purpose",
    "Range",
    "RetirementReason",
    "Technology",
    "TradeWay",
    "account_address",
    "canonical_text",
    "certificates",
    "certificates_of",
    "classify",
    "corrected",
    "covers",
    "expires_at",
    "expiring_within",
    "identity_hash",
    "last_valid_day",
    "legal_code",
    "number_of",
    "parse_number",
    "province_label",
    "province_of",
    "settled_certificates",
    "shown_state",
    "split_token_id",
    "token_id",
    "union",
    "valid_resident_number",
    "valid_uscc",
]
