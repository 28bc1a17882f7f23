"""Tags as people write them, within EC2's limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

LONGEST_KEY = 128
LONGEST_VALUE = 256
MOST = 50
"""Tags a resource may have, not counting AWS's own."""

RESERVED = "aws:"


def check_key(key: str) -> str:
    """A key a person may set. Errors: ValueError."""
    key = key.strip()
    if not key:
        raise ValueError("a tag needs a key")
    if len(key) > LONGEST_KEY:
        raise ValueError(f"a tag's key has at most {LONGEST_KEY} characters, this one has {len(key)}")
    if key.casefold().startswith(RESERVED):
        raise ValueError("tags that begin with aws: belong to AWS and cannot be changed")
    return key


def check_pair(text: str) -> str:
    """`key=value` (or `key:value`), the value may be empty; as `key=value`. Errors: ValueError."""
    key, value = pair(text)
    if len(value) > LONGEST_VALUE:
        raise ValueError(f"a tag's value has at most {LONGEST_VALUE} characters, this one has {len(value)}")
    return f"{check_key(key)}={value}"


def pair(text: str) -> tuple[str, str]:
    """Key and value apart, at the first `=`, or where there is none at the last `:`. Errors: ValueError for neither."""
    key, equals, value = text.partition("=")
    if not equals:
        key, equals, value = text.rpartition(":")
    if not equals:
        raise ValueError(f"write a tag as key=value, not {text!r}")
    return key.strip(), value.strip()


def too_many(tags: Mapping[str, str], new: Iterable[str]) -> bool:
    """Would the new keys be more than a resource may have?"""
    return len({key for key in (*tags, *new) if not key.casefold().startswith(RESERVED)}) > MOST


TagPair = Annotated[str, StringConstraints(max_length=LONGEST_KEY + LONGEST_VALUE + 8), AfterValidator(check_pair)]
TagKey = Annotated[str, AfterValidator(check_key)]
