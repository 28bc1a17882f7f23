"""What secrets look like by themselves: the prefixes their issuers give them so that they can be found."""

from __future__ import annotations

import re


def _shape(words: str, pattern: str, flags: int = 0) -> tuple[tuple[str, ...], re.Pattern[str]]:
    return tuple(words.split()), re.compile(pattern, flags | re.VERBOSE)


_PEM = r"(?:[A-Z0-9]+[ ]){0,4}PRIVATE[ ]KEY(?:[ ]BLOCK)?-----"

SHAPES = (
    _shape("----begin", rf"-----BEGIN[ ]{_PEM}.*?(?:-----END[ ]{_PEM}|\Z)", re.DOTALL),
    # An AWS secret key has no shape of its own; beside a key's id, 40 characters of mixed kinds are one.
    _shape(
        "akia asia",
        r"""(?<![\w/+=])(?=[A-Za-z0-9/+]{40}(?![\w/+=]))
        (?=[^A-Z]{0,39}[A-Z])(?=[^a-z]{0,39}[a-z])(?=[^\d]{0,39}\d)[A-Za-z0-9/+]{40}""",
    ),
    _shape("akia asia abia acca", r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b"),
    _shape("fwog iqoj", r"\b(?:FwoG|IQoJ)[A-Za-z0-9/+=]{60,}"),
    _shape("eyj eyk", r"\bey[JK][\w-]{8,1000}\.[\w-]{8,}(?:\.[\w-]*){1,3}"),
    _shape("ghp_ gho_ ghu_ ghs_ ghr_ github_pat_", r"\b(?:gh[pousr]_[A-Za-z0-9]{16,}|github_pat_\w{20,})"),
    _shape("glpat- gldt- glrt- glcbt- glptt- glft- glsoat-", r"\bgl(?:pat|dt|rt|cbt|ptt|ft|soat)-[\w.-]{16,}"),
    _shape("xox xapp-", r"\b(?:xox[a-z](?:\.xox[a-z])?-[\w-]{10,}|xapp-\d-[\w-]{10,})"),
    _shape("k_live_ k_test_ whsec_", r"\b(?:[srp]k_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/=]{16,})"),
    _shape("aiza ya29. gocspx- 1//0", r"\b(?:AIza[\w-]{30,}|ya29\.[\w.-]{20,}|GOCSPX-[\w-]{20,}|1//0[\w-]{20,})"),
    _shape("q~", r"(?<![\w~.-])[\w~.-]{3}\dQ~[\w~.-]{30,40}"),
    _shape("sk-", r"\bsk-(?=[\w-]{0,60}\d)[\w-]{16,}"),
    _shape("npm_ pypi-age", r"\b(?:npm_[A-Za-z0-9]{30,}|pypi-AgE[\w-]{20,})"),
    _shape("hf_ dckr_", r"\b(?:hf_[A-Za-z0-9]{30,}|dckr_(?:pat|oat)_[\w-]{20,})"),
    _shape("hvs. hvb. hvr. .atlasv1.", r"\b(?:hv[sbr]\.[\w-]{20,}|[A-Za-z0-9]{14}\.atlasv1\.[\w-]{40,80})"),
    _shape("dop_v1 doo_v1 dor_v1 dapi", r"\b(?:do[opr]_v1_[a-f0-9]{40,}|dapi[a-f0-9]{32})\b"),
    _shape("sg. nrak- glsa_ glc_", r"\b(?:SG\.[\w-]{16,}\.[\w-]{16,}|NRAK-[A-Z0-9]{27}|glsa_\w{32,}|glc_[\w+/=]{32,})"),
    _shape("lin_api_ shpat_ shpss_ shpca_ shppa_", r"\b(?:lin_api_\w{30,}|shp(?:at|ss|ca|pa)_[a-f0-9]{32})"),
    _shape("dp.st. dp.pt. age-secret-key-", r"\b(?:dp\.(?:st|pt)\.[\w.-]{20,}|AGE-SECRET-KEY-1[A-Z0-9]{50,})"),
    _shape(":aa", r"\b\d{8,10}:AA[\w-]{32,}"),
    _shape("ops_", r"\b(?:chat)?ops_(?=[a-z_-]{0,60}[A-Z0-9])[A-Za-z0-9_-]{20,}"),
    _shape("$1$ $2 $5$ $6$ $y$ $argon2", r"""\$(?:1|2[abxy]?|5|6|y|gy|argon2(?:id?|d))\$[^\s:"'`,;]{20,}"""),
)
"""Each with the words (lower case) one of which every text has that it fits. All take time in proportion to the text."""

_END = re.compile(r"-----END (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----")
_ENCODED = re.compile(r"[\s>|#]*[A-Za-z0-9+/=]{8,}\s*")


def without_key_ends(text: str, mask: str) -> str:
    """The text without private keys whose beginning is missing, as `tail` shows them."""
    parts: list[str] = []
    done = 0
    for end in _END.finditer(text):
        lines = text[done : end.start()].splitlines(keepends=True)
        kept = len(lines)
        while kept and (_ENCODED.fullmatch(lines[kept - 1]) or not lines[kept - 1].strip()):
            kept -= 1
        if kept and "-----BEGIN" in lines[kept - 1]:
            parts.append(text[done : end.end()])
        else:
            parts += [*lines[:kept], mask]
        done = end.end()
    return "".join([*parts, text[done:]]) if parts else text
