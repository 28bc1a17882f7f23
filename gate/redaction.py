"""Secrets out of everything that is kept, logged or shown.

A secret is known by its shape, by the name before it, or by where it stands in a command. One that has none of these, such as a
bare password alone on a line, cannot be told from other text. In doubt a value is masked; its name stays readable.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

from gate.shapes import SHAPES, without_key_ends

MASK = "[redacted]"

_NAME = r"""(?: (?<!etc/)pass(?:word|wd|phrase|code) | [_-](?:pass|pw) | (?<![\w-])(?:pass|pw)(?==)
    | (?<![a-z])pwd(?!["']?[ \t]{0,8}[:=][ \t]{0,8}["']?[/~]) | (?<!\d:)secret | token | credential s?
    | [_-]auth(?=[ \t]{0,8}=) | (?<=["'])auth(?=\\?["'][ \t]{0,8}:) | secret[-_]?(?:string|binary|key[-_]base)
    | (?:api|access|account|private|secret|signing|encryption|master|shared|auth|session|storage|client|license)[-_. ]?key )
    (?: [-_]?(?:value|hash|b64|base64|plaintext) )?"""
"""What a name ends with when a secret follows: `DB_PASSWORD`, `secretAccessKey`, `--auth-token`; not `max_tokens`."""

_HARMLESS = r"""(?! \[redacted\] | ["']? (?:
      true|false|null|none|nil|undefined|unset|empty|required|optional|missing|expired|invalid|incorrect|wrong|failed|denied|rejected
      |expected|unexpected|changed|rotated|revoked|not | \$\{[\w.:-]{1,100}\} | \$\([^()\n]{1,200}\) | \$(?-i:[A-Z_][A-Z0-9_]*)
      | \{\{[^{}\n]{1,100}\}\} | <[\w\ -]{1,40}> | \*{3,} | %[sdrv] | arn:aws[^\s"']{1,300}
      | (?:var|local|data|module)\.[\w.\[\]"-]{1,200}
    ) ["']? (?: [\s,;:)}\]<&|] | [.!?](?:\s|$) | $ ) )"""
"""Words that say how a secret stands, and references to one that is kept elsewhere."""

_VALUE = r"""(?: "(?:[^"\\\n]|\\.)*"? | '[^'\n]*'? | `[^`\n]*`? | \\+["'][^"'\\\n]*
    | [|>][-+]?[ \t]*\n(?P<indent>[ \t]+)[^\n]+(?:\n(?P=indent)[^\n]*)* | \{[a-z0-9-]{2,20}\}[^\s"']+
    | (?![\[{(])[^\s"'`&;]*[^\s"'`&;,.:)\]}>|] )"""
"""A value in quotes, of several lines of YAML, of LDAP, or up to what ends a word."""

_NAMED = re.compile(
    rf"""(?ix) (?P<before> {_NAME}
        (?: (?: [ \t]{{0,8}}\[[^\]\n]{{0,40}}\] )? \\{{0,3}}["'\]]{{0,2}} [ \t]{{0,40}} (?: => | := | [:=] ) [ \t]{{0,40}}
          | ["']? [ \t]{{0,8}} ,? \s{{0,40}} ["']? value ["']? \s{{0,8}} [:=] \s{{0,8}}
          | \ (?:is|was|to)\ (?=[^\s]{{0,60}}\d) ) )
        {_HARMLESS} (?P<value> {_VALUE} )"""
)
_FLAG = re.compile(
    rf"""(?ix) (?P<before> (?<![\w-]) --? (?:[a-z0-9]{{1,20}}-){{0,4}} {_NAME} [ \t]{{1,8}} )
        (?!-) {_HARMLESS} (?P<value> {_VALUE} )"""
)
_SAID = re.compile(
    r"(?i)(?P<before>\bpass(?:word|wd|phrase) )(?P<value>(?=[^\s-]{0,60}\d)(?=[^\s-]{0,60}[a-z])[^\s\"',;-]{6,})(?!\S)"
)
_ELEMENT = re.compile(
    rf"(?ix) (?P<before> <[\w:.-]{{0,40}} {_NAME} (?:\s[^<>]{{0,200}})? > ) {_HARMLESS} (?P<value> [^<>]+ ) (?=</)"
)
_COMMANDS = re.compile(
    r"""(?ix) (?P<before>
        \b (?:mysql|mariadb)[\w-]{0,12}\b [^\n|;&]{0,200}? \s-p (?=\S)
        | \b sshpass \b [^\n|;&]{0,40}? \s-p \s?
        | \b (?:docker|podman|nerdctl|helm|az|oc|argocd) \s (?:[\w-]{1,20}\s){0,2} login \b [^\n|;&]{0,200}? \s-p \s?
        | \b redis-cli \b [^\n|;&]{0,200}? \s-a \s+ | \b ldap\w{1,12} \b [^\n|;&]{0,200}? \s-w \s+
        | \b curl \b [^\n|;&]{0,300}? \s (?:-u|--user|-U|--proxy-user) [ =]? ["']? [^\s:"']{1,64}: (?! \s )
        | \b smbclient \b [^\n|;&]{0,200}? \s-U \s+ ["']? [^\s%"']{1,64}%
        | \b htpasswd \b [^\n|;&]{0,20}? \s-\w{0,4}b\w{0,4} \s+ \S{1,200} \s+ \S{1,64} \s+
        | \b openssl \b [^\n|;&]{0,300}? \s-pass(?:in|out)? \s+ pass:
        | \b convertto-securestring \s+ (?:-string\s+)?
        | \b from-literal [= ] ["']? [\w.-]{1,100} =
        | \b configure \s set \s (?:--\S{1,60}\s){0,2} [\w.-]{0,60} (?:secret|token|password) [\w.-]{0,20} \s
        | \b login [ \t]{1,40} \S{1,100} \s{1,40} password \s{1,40}
        ) (?! \[redacted\] ) (?P<value> "(?:[^"\\\n]|\\.)*"? | '[^'\n]*'? | [^\s"'|;&<>]+ )"""
)
_HEADERS = re.compile(
    r"""(?ix) (?P<before> \b authorization \\{0,3}["']? [ \t]{0,8} [:=] [ \t]{0,8} \\{0,3}["']?
        (?! (?: [a-z][\w-]{2,20} [ \t]{1,8} )? \[redacted\] ) (?: [a-z][\w-]{2,20} [ \t]{1,8} )? )
        (?P<value> (?: (?<=[a-z0-9][ \t]) [^\r\n"'\\]{4,} | (?=[^\s]{0,60}\d) [^\s"'\\]{8,} ) )
      | (?P<before2> \b (?:set-)? cookie \\{0,3}["']? [ \t]{0,8} [:=] [ \t]{0,8} \\{0,3}["']? | \s --cookie [ =] ["']? )
        (?! \[redacted\] ) (?P<value2> (?=[^\r\n=]{1,100}=) [^\r\n"'\\]+ )
      | (?P<before3> \b bearer \s{1,4} ) (?P<value3> (?= [^\s]{0,60}\d | [^\s"']{24} ) [\w.~+/=-]{8,} )
      | (?P<before4> \b basic \s{1,4} ) (?P<value4> (?= [a-z0-9+/]{0,60} (?: [0-9=] | (?-i:[a-z][A-Z]) ) ) [a-z0-9+/=]{8,} )"""
)
_ADDRESSES = re.compile(
    r"""(?ix) (?P<before> ://[^/\s:@"'<>]{0,100}: ) (?P<value> (?!\[redacted\]@) [^\s/"'<>]{1,300} ) (?= @[\w.\[%$-] )
      | (?P<before2> :// ) (?P<value2> [\w-]{30,300} ) (?= @[\w.-] )
      | (?P<before3> [?&;] (?: sig | signature | x-(?:amz|goog|ms)-(?:signature|security-token|credential) ) = )
        (?P<value3> (?!\[redacted\]) [^&\s"'<>]{8,} )
      | (?P<before4> \b hooks\.slack\.com/(?:services|workflows)/ | \b webhook\.office\.com/webhookb2/
          | \b discord(?:app)?\.com/api/webhooks/ ) (?P<value4> [\w@/-]{8,} )"""
)
_MANIFEST = re.compile(r"(?i)\bkind[\"']?[ \t]*:[ \t]*[\"']?Secret\b")
_DATA = re.compile(
    r"(?m)^(?P<indent>[ \t]*)(?:data|stringData):[ \t]*\n(?P<yaml>(?:(?P=indent)[ \t]+[^\n]*(?:\n|\Z))+)"
    r"|\"(?:data|stringData)\"\s{0,8}:\s{0,8}\{(?P<json>[^{}]*)\}"
)
_ENTRY = re.compile(
    r"(?m)(?P<before>^[ \t]*[\w.\"'-]+:[ \t]*|\"[^\"\n]*\"\s{0,8}:\s{0,8})(?P<value>\"(?:[^\"\\\n]|\\.)*\"|[^\s\"][^\n]*)"
)

_RULES: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...] = (
    (("authorization", "cookie", "bearer", "basic"), _HEADERS),
    (("@", "sig=", "signature=", "token=", "credential=", "hook"), _ADDRESSES),
    (("mysql", "maria", "pass", "login", "redis", "ldap", "curl", "smbc", "convertto", "literal", "configure"), _COMMANDS),
    (("pass", "pwd", "pw", "secret", "token", "key", "credential", "auth"), _NAMED),
    (("pass", "pwd", "secret", "token", "key", "credential"), _FLAG),
    (("password ", "passwd ", "passphrase "), _SAID),
    (("</",), _ELEMENT),
)
"""Each with the words (lower case) without which it cannot fit: most texts have none, and cost next to nothing."""

_TELLING = re.compile(rf"(?ix) {_NAME} $ | ^(?:authorization|(?:set-)?cookie|pw|pass|_?auth)$")


_SHORT = 120
_WORDS = tuple(sorted({word for words, _ in (*SHAPES, *_RULES) for word in words} | {"-----"}))


def _suspicious(lowered: str) -> bool:
    """Could any rule fit? Most texts end here, and most short ones are the same again and again."""
    return _telltale(lowered) if len(lowered) <= _SHORT else any(word in lowered for word in _WORDS)


@lru_cache(maxsize=2048)
def _telltale(lowered: str) -> bool:
    return any(word in lowered for word in _WORDS)


def redact(text: str) -> str:
    """The text with every secret it recognisably holds masked; what stands around a secret stays readable."""
    lowered = text.lower()
    if not _suspicious(lowered):
        return text
    if "-----" in lowered:
        text = without_key_ends(text, MASK)
    if "secret" in lowered and "data" in lowered and _MANIFEST.search(text):
        text = _DATA.sub(_emptied, text)
    for words, shape in SHAPES:
        if any(word in lowered for word in words):
            text = shape.sub(MASK, text)
    for words, rule in _RULES:
        if any(word in lowered for word in words):
            text = rule.sub(_masked, text)
    return text


def redact_value(value: Any, name: str = "") -> Any:
    """The same for a nested value; what stands under a name such as `password` is masked whole."""
    if name and value not in (None, "", 0, False) and _TELLING.search(name):
        return MASK
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        mapping = cast("Mapping[Any, Any]", value)
        return {key: redact_value(inner, str(key)) for key, inner in mapping.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [redact_value(inner) for inner in cast("Sequence[Any]", value)]
    return value


def redact_texts(value: Any) -> Any:
    """Only the texts of a nested JSON value, never by the name they stand under: its shape stays what a model expects. What has
    no secret in it is returned as it is, not copied."""
    match value:
        case str():
            return redact(value)
        case dict():
            old = cast("dict[str, Any]", value)
            new = {key: redact_texts(inner) for key, inner in old.items()}
            return old if all(new[key] is old[key] for key in old) else new
        case list():
            items = cast("list[Any]", value)
            changed = [redact_texts(inner) for inner in items]
            return items if all(one is other for one, other in zip(changed, items, strict=True)) else changed
        case _:
            return value


def redact_card(card: dict[str, Any]) -> dict[str, Any]:
    """A card with its texts redacted; the very same card when there is nothing to mask. What buttons carry stays whole: it is not
    shown, and a masked command could not be run."""
    return cast("dict[str, Any]", _masked_card(card)) if _suspicious("\n".join(_texts(card)).lower()) else card


def _texts(card: dict[str, Any]) -> list[str]:
    """Every text of a card that is shown; without recursion, for it is done for each card."""
    texts: list[str] = []
    left: list[Any] = [card]
    while left:
        node = left.pop()
        if isinstance(node, dict):
            left += [inner for key, inner in cast("dict[str, Any]", node).items() if key not in _STRUCTURE]
        elif isinstance(node, list):
            left += cast("list[Any]", node)
        elif isinstance(node, str):
            texts.append(node)
    return texts


def _masked_card(node: Any) -> Any:
    if isinstance(node, dict):
        items = cast("dict[str, Any]", node).items()
        return {key: inner if key in _STRUCTURE else _masked_card(inner) for key, inner in items}
    if isinstance(node, list):
        return [_masked_card(inner) for inner in cast("list[Any]", node)]
    return redact(node) if isinstance(node, str) else node


_STRUCTURE = frozenset(
    ["type", "$schema", "version", "data", "color", "size", "weight", "style", "spacing", "width", "fontType", "language"]
) | {"verb", "id", "url", "msteams", "horizontalAlignment", "horizontalCellContentAlignment"}
"""Keys of a card under which no text is that a person reads."""


def _masked(match: re.Match[str]) -> str:
    """What stands before stays, and the quotes of the value."""
    groups = match.groupdict()
    number = next(n for n in ("", "2", "3", "4") if groups.get(f"value{n}") is not None)
    value, quote = groups[f"value{number}"], ""
    if found := re.match(r"\\*[\"'`]", value):
        quote = found[0]
    closed = len(quote) == 1 and len(value) > 1 and value.endswith(quote)
    return f"{groups[f'before{number}']}{quote}{MASK}{quote if closed else ''}"


def _emptied(match: re.Match[str]) -> str:
    """The data of a Kubernetes secret without its values."""
    return _ENTRY.sub(_masked, match[0])
