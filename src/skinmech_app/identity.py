"""Keeping persons out: fields that identify somebody are refused, and never shown."""

import re

REFUSED = {
    "name", "first_name", "last_name", "surname", "family_name", "given_name", "full_name",
    "patient", "patient_name", "donor_name", "patient_id", "initials", "birth", "birthday",
    "birth_date", "birthdate", "date_of_birth", "dob", "address", "street", "city", "zip",
    "postcode", "phone", "telephone", "mobile", "email", "mail", "mrn", "record_number",
    "medical_record_number", "ssn", "insurance_number", "insurance", "national_id", "passport",
}  # fmt: skip
"""Keys and columns that are refused wherever they stand."""

_IN_TEXT = re.compile(
    r"[\w.+-]+@[\w-]+\.\w+"  # e-mail
    r"|\b\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d\d\b|\b(?:19|20)\d\d-\d\d-\d\d\b"  # dates
    r"|\b(?:born|MRN|DOB|Mr|Mrs|Ms|Herr|Frau)\b\.?",
)
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")


def is_identity(key: str) -> bool:
    """Whether a key or column would hold something that identifies a person."""
    return re.sub(r"[\s-]+", "_", key.strip().lower()) in REFUSED


def is_telling(text: str) -> bool:
    """Whether a free text holds what looks like an address, a date or a person's title."""
    return bool(_IN_TEXT.search(text))
