"""The errors a skill or a provider may raise.

Each one tells a person three things: what happened, what did not happen, and what to do next. They know nothing of HTTP or of
Teams: every door maps this tree in one place.
"""

from __future__ import annotations

from collections.abc import Sequence


class OpsError(Exception):
    """Something went wrong that the person who asked should read about.

    what: what happened, one sentence. unchanged: what did not happen. remedy: what to do next.
    details: the technical part, such as the IAM action that was missing.
    """

    code = "ERROR"
    title = "That did not work"

    def __init__(self, what: str, *, unchanged: str = "Nothing was changed.", remedy: str = "", details: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.unchanged = unchanged
        self.remedy = remedy
        self.details = details


class NotFound(OpsError):
    """What was named is not there, or not visible to the caller: both look the same."""

    code = "NOT_FOUND"
    title = "Not found"


class Invalid(OpsError):
    """The request cannot be carried out as it was put."""

    code = "INVALID"
    title = "I could not use that"


class Ambiguous(Invalid):
    """A name fits several things, or none but nearly some; `candidates` are what may have been meant.

    field and said: which argument, and the words that did not resolve.
    """

    code = "AMBIGUOUS"
    title = "Which one?"

    def __init__(self, what: str, *, field: str, said: str, candidates: Sequence[Candidate], remedy: str = "") -> None:
        super().__init__(what, remedy=remedy or "Choose one, or say its id.")
        self.field = field
        self.said = said
        self.candidates = tuple(candidates)


class Candidate:
    """One thing that may have been meant: its id, its name and a line that tells it from the others."""

    __slots__ = ("hint", "id", "name")

    def __init__(self, id: str, name: str, hint: str = "") -> None:
        self.id, self.name, self.hint = id, name, hint


class Forbidden(OpsError):
    """The caller, or the product's own identity at a provider, may not do this.

    missing: the permission or IAM action whose absence stopped it, such as `ec2:StopInstances`.
    """

    code = "FORBIDDEN"
    title = "Not permitted"

    def __init__(
        self, what: str, *, missing: str = "", unchanged: str = "Nothing was changed.", remedy: str = "", details: str = ""
    ) -> None:
        super().__init__(what, unchanged=unchanged, remedy=remedy, details=details)
        self.missing = missing


class Conflict(OpsError):
    """The state of things does not allow it, such as a confirmation that was already used."""

    code = "CONFLICT"
    title = "Already decided"


class Expired(Conflict):
    """A confirmation that was not given in time."""

    code = "EXPIRED"
    title = "Too late"


class Cancelled(OpsError):
    """A person cancelled the action while it ran."""

    code = "CANCELLED"
    title = "Cancelled"


class Unavailable(OpsError):
    """A part that is needed does not answer. part: its name, such as `ssm`, `ec2`, `model`, `store`."""

    code = "UNAVAILABLE"
    title = "Not available"

    def __init__(
        self, what: str, *, part: str, unchanged: str = "Nothing was changed.", remedy: str = "", details: str = ""
    ) -> None:
        super().__init__(what, unchanged=unchanged, remedy=remedy, details=details)
        self.part = part


class Throttled(OpsError):
    """A provider or a limit of ours asks to slow down. retry_after: seconds until it is worth trying again."""

    code = "THROTTLED"
    title = "Too many requests"

    def __init__(self, what: str, *, retry_after: float, remedy: str = "", details: str = "") -> None:
        super().__init__(what, remedy=remedy or f"Try again in {retry_after:.0f} seconds.", details=details)
        self.retry_after = retry_after


class Timeout(OpsError):
    """It did not finish in time. Whether the effect happened may be unknown: `unchanged` says what is known."""

    code = "TIMEOUT"
    title = "It took too long"
