"""Commands as people write them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

_PAIRS = {'"': '"', "'": "'", "`": "`", "“": "”", "‘": "’", "«": "»"}


def unquoted(text: Any) -> Any:
    """Without the quotes around all of it: `execute "df -h" on web-1` means df -h. Quotes that are part of it stay."""
    if not isinstance(text, str):
        return text
    text = text.strip()
    while len(text) > 2 and (closing := _PAIRS.get(text[0])) and text.endswith(closing):
        inner = text[1:-1]
        if text[0] in inner or closing in inner:
            break
        text = inner.strip()
    return text


CommandText = Annotated[str, BeforeValidator(unquoted), Field(min_length=1, max_length=8000)]
"""What is to be run, one or several lines."""
