"""Every instance there is, and which of them somebody's words mean. Tag text is compared with words, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from rapidfuzz import fuzz, process

from gate.reference import Said, take_apart, unquoted
from skills.instances.filters import in_environment, is_environment
from skills.kit.errors import Ambiguous, Candidate, Invalid, NotFound
from skills.kit.ports.compute import Instance

MOST_CANDIDATES = 10
"""How many a person is asked to choose from."""

_NEAR = 70.0
"""How alike (0 to 100) a name must be to be offered for a mistyped one."""

_LIST = "Say 'list instances' to see what there is."
_Reading = Callable[[Instance, str], bool]
_PAIR = re.compile(r"(?:tag:)?([^\s=]+)=(\S.*)", re.IGNORECASE)


class Fleet:
    """A look-up over a list of instances, in the order given. Nothing is ever picked by likeness: near names are only offered."""

    def __init__(self, instances: Iterable[Instance]) -> None:
        self.instances = tuple(instances)
        self._ids = {instance.id.casefold(): instance for instance in self.instances}
        self._names: dict[str, list[Instance]] = {}
        for instance in self.instances:
            if instance.name:
                self._names.setdefault(_key(instance.name), []).append(instance)

    def find(self, text: str, *, field: str, strict: bool = False) -> list[Instance]:
        """What `text` means. field: the argument it was said for. strict: something will be changed, so that words which name one
        instance and describe others, or whose tags and names disagree, are asked about.

        Errors: Ambiguous with candidates when a name or a singular fits several, or none but nearly some; NotFound;
        Invalid when it does not narrow anything.
        """
        text = unquoted(text)
        if instance := self._ids.get(text.casefold()):
            return [instance]
        # What is written as a pair or a pattern means that, whatever somebody has called an instance.
        if pair := _PAIR.fullmatch(text):
            return self._some(self._tagged(pair[1], pair[2]), text)
        if "*" in text and " " not in text:
            return self._some(self._globbed(text), text)
        said = take_apart(text)
        named = self._called(text) or ([] if said.plural else self._called(" ".join(said.words)))
        if not named:
            return self._by_words(said, field, strict)
        others = [one for one in self._described(said) if one not in named] if strict else []
        if others:
            what = f"“{said.text}” is the name of an instance, and fits {len(others)} more as a description."
            raise several(what, field, text, [*named, *others])
        if len(named) > 1:
            raise several(f"{len(named)} instances are called “{text}”.", field, text, named)
        return named

    def near(self, text: str, *, field: str) -> Ambiguous | NotFound:
        """The error for a name that is not there: with the names and ids that are like it, if any are."""
        wanted = text.casefold()
        alike: dict[str, Instance] = {i.id: i for i in self.instances if len(wanted) > 3 and i.id.startswith(wanted)}
        for _, _, index in process.extract(
            wanted, [i.name.casefold() for i in self.instances], scorer=fuzz.ratio, score_cutoff=_NEAR
        ):
            alike.setdefault(self.instances[index].id, self.instances[index])
        for _, _, id in process.extract(wanted, {i.id: i.id for i in self.instances}, scorer=fuzz.ratio, score_cutoff=85.0):
            alike.setdefault(id, self._ids[id.casefold()])
        if not alike:
            return NotFound(f"No instance is called “{text}”.", remedy=_LIST)
        found = list(alike.values())[:MOST_CANDIDATES]
        question = f"Did you mean “{found[0].label}”?" if len(found) == 1 else "Did you mean one of these?"
        return Ambiguous(
            f"No instance is called “{text}”. {question}", field=field, said=text, candidates=[candidate(i) for i in found]
        )

    def _called(self, name: str) -> list[Instance]:
        return self._names.get(_key(name), [])

    def _described(self, said: Said) -> list[Instance]:
        """The instances that these words describe by what EC2 and their tags say; of a plural, by parts of names as well."""
        if not said.words:
            return list(self.instances) if said.every else []
        chosen, rest = list(self.instances), list(said.words)
        while rest and chosen:
            taken, matched, _ = self._longest(rest, _READINGS if said.plural else _READINGS[:-1])
            chosen, rest = [i for i in chosen if i.id in matched], rest[taken:]
        return chosen

    def _tagged(self, key: str, value: str) -> list[Instance]:
        key, fits = key.casefold(), _matcher(unquoted(value))
        found = [i for i in self.instances if any(k.casefold() == key and fits(v) for k, v in i.tags.items())]
        if not found and key in ("environment", "env", "stage"):
            return [i for i in self.instances if in_environment(i, value)]
        return found

    def _globbed(self, pattern: str) -> list[Instance]:
        if not re.search(r"\w", pattern):
            raise Invalid(f"“{pattern}” does not say which instances.", remedy="Say 'all instances' if you mean every one.")
        fits = _matcher(pattern)
        return [i for i in self.instances if fits(i.name) or fits(i.id)]

    def _by_words(self, said: Said, field: str, strict: bool) -> list[Instance]:
        if not said.words:
            if said.every:
                return self._agreeing(list(self.instances), said, field)
            raise Invalid(f"“{said.text}” does not say which instances.", remedy="Say names, ids, a tag, or 'all instances'.")
        chosen, rest, plural = list(self.instances), list(said.words), said.plural
        while rest:
            taken, matched, many = self._longest(rest, _READINGS)
            if not matched:
                raise self._nothing(said, field)
            if strict:
                self._unmistaken(" ".join(rest[:taken]), matched, said, field)
            chosen, rest, plural = [i for i in chosen if i.id in matched], rest[taken:], plural or many
        found = self._some(chosen, said.text)
        return found if plural and said.count is None else self._agreeing(found, said, field, plural=plural)

    def _longest(self, words: Sequence[str], readings: Sequence[_Reading]) -> tuple[int, set[str], bool]:
        """How many of the leading words belong together, the ids they fit, and whether the last is a plural."""
        for taken in range(min(3, len(words)), 0, -1):
            said = " ".join(words[:taken])
            for form in _forms(said):
                if matched := self._narrowed(form, readings):
                    return taken, matched, form != said
        return 0, set(), False

    def _narrowed(self, word: str, readings: Sequence[_Reading]) -> set[str]:
        """The ids that one description fits, by the first of the readings that fits any."""
        if pair := _PAIR.fullmatch(word):
            return {i.id for i in self._tagged(pair[1], pair[2])}
        for fits in readings:
            if matched := {i.id for i in self.instances if fits(i, word)}:
                return matched
        return set()

    def _unmistaken(self, word: str, matched: set[str], said: Said, field: str) -> None:
        """Anybody may write a tag: one that draws in what is not called so, where others are, is asked about."""
        if is_environment(word):
            return
        for form in _forms(word):
            named = {i.id for i in self.instances if _has_name_part(i, form)}
            tagged = {i.id for i in self.instances if i.id in matched and not _is_of_kind(i, form)}
            if named and tagged - named:
                fitting = [i for i in self.instances if i.id in tagged | named]
                raise several(f"“{word}” is a tag of some instances and in the names of others.", field, said.text, fitting)

    def _agreeing(self, found: list[Instance], said: Said, field: str, *, plural: bool = True) -> list[Instance]:
        """`found`, if there are as many as the words promise."""
        expected = said.count if said.count is not None else len(found) if plural else 1
        if len(found) == expected:
            return found
        raise several(f"“{said.text}” fits {len(found)} instance{'s' * (len(found) != 1)}.", field, said.text, found)

    def _some(self, found: list[Instance], text: str) -> list[Instance]:
        if not found:
            raise NotFound(f"No instance fits “{text}”.", remedy=_LIST)
        return found

    def _nothing(self, said: Said, field: str) -> Ambiguous | NotFound:
        if len(said.words) == 1 and not said.plural:
            return self.near(said.words[0], field=field)
        return NotFound(f"No instance fits “{said.text}”.", remedy=_LIST)


def _key(name: str) -> str:
    """Case does not matter; a letter that only looks like another one does."""
    return name.casefold() if name.isascii() else f"\0{name.casefold()}"


def _forms(said: str) -> tuple[str, ...]:
    """The words as they are, and without a plural's end."""
    return (said, said[:-1]) if said.endswith("s") and len(said) > 3 else (said,)


def candidate(instance: Instance) -> Candidate:
    """An instance as somebody chooses it."""
    hint = " · ".join(part for part in (instance.state.value, instance.environment, instance.region, instance.id) if part)
    return Candidate(instance.id, instance.label, hint)


def several(what: str, field: str, said: str, found: Sequence[Instance]) -> Ambiguous:
    """The error for words that fit several where one is needed."""
    return Ambiguous(what, field=field, said=said, candidates=[candidate(i) for i in found[:MOST_CANDIDATES]])


def _matcher(pattern: str) -> Callable[[str], bool]:
    """A test for text that fits `pattern` whatever the case; `*` stands for anything, nothing else is special."""
    expression = re.compile(".*".join(re.escape(part) for part in pattern.split("*")), re.IGNORECASE | re.DOTALL)
    return lambda text: expression.fullmatch(text) is not None


def _plain(text: str) -> str:
    return re.sub(r"[\s_-]+", " ", text.casefold())


def _is_of_kind(instance: Instance, word: str) -> bool:
    return word in (instance.state.value, instance.type, instance.platform, instance.region, instance.zone, instance.account)


def _has_tag_value(instance: Instance, word: str) -> bool:
    return any(key != "Name" and _plain(value) == _plain(word) for key, value in instance.tags.items())


def _has_name_part(instance: Instance, word: str) -> bool:
    return word in {
        piece for part in re.split(r"[\W_]+", instance.name.casefold()) for piece in (part, part.rstrip("0123456789"))
    }


_READINGS: tuple[_Reading, ...] = (in_environment, _is_of_kind, _has_tag_value, _has_name_part)
"""What EC2 says comes first, then tags, then parts of names."""
