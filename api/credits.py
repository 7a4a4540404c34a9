"""What must be said beside data, from the rules: documents say it as well."""

from gecchain.rules.credits import credits_of, is_derived, made_up_fields

__all__ = ["credits_of", "is_derived", "made_up_fields"]
