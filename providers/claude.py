"""Claude over the anthropic SDK, from Anthropic's API or from Amazon Bedrock. Importing the SDK takes seconds: never at boot."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

import structlog
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from skills.kit.arguments import Duration
from skills.kit.errors import OpsError, Throttled, Timeout, Unavailable
from skills.kit.ports.model import ModelAnswer, Tool, ToolCall
from skills.kit.ports.probe import Finding, Probe

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic
    from anthropic.lib.bedrock import AsyncAnthropicBedrock
    from anthropic.types import Message, ToolParam

    Client = AsyncAnthropic | AsyncAnthropicBedrock

log = structlog.get_logger()

# What one request may ask for in strict mode: https://platform.claude.com/docs/en/build-with-claude/structured-outputs
_STRICT_TOOLS, _STRICT_OPTIONALS, _STRICT_UNIONS = 20, 24, 16
_LONGEST_RETRY_AFTER = 300.0


class ClaudeSettings(BaseModel):
    """How Claude is reached. Nothing is asked of it unless this is configured."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    api: Literal["anthropic", "bedrock"] = Field("anthropic", description="Whose API: Anthropic's own, or Amazon Bedrock.")
    key: SecretStr | None = Field(
        None, description="API key. Bedrock: a bearer token; without one, the usual AWS credentials sign each request."
    )
    model: str = Field("claude-haiku-5-5", min_length=1, description="Model id, as the API names it.")
    effort: Literal["low", "medium", "high", "xhigh", "max"] | None = Field(
        None, description="How thoroughly it thinks, for models that take it; empty: the model's default."
    )
    deadline: Duration = Field(
        timedelta(seconds=8), description="How long one answer may take before the bot goes on without it."
    )
    max_tokens: int = Field(1024, ge=64, le=8192, description="Longest answer in tokens.")
    base_url: str = Field("", description="Another address of the API, such as a proxy; empty: the public one.")
    region: str = Field("", description="AWS region, for Bedrock.")
    profile: str = Field("", description="AWS profile, for Bedrock.")

    @property
    def configured(self) -> bool:
        """The model is asked at all. Bedrock needs no key of ours."""
        return self.key is not None or self.api == "bedrock"


class Claude:
    """The Model port on the anthropic SDK. `prepare` loads the SDK in a thread; the first question does so too."""

    def __init__(self, settings: ClaudeSettings) -> None:
        self._settings = settings
        self._client: asyncio.Task[Client] | None = None

    async def prepare(self) -> None:
        """Load the SDK and make the client, once. Errors: Unavailable when that fails."""
        await self._connected()

    async def close(self) -> None:
        """Close its connections."""
        if self._client and self._client.done() and not self._client.exception():
            await self._client.result().close()

    async def choose(self, system: str, words: str, tools: Sequence[Tool], *, deadline: timedelta) -> ModelAnswer:
        """What Claude chooses; a failed connection or a server error is tried once more while there is time."""
        try:
            async with asyncio.timeout(min(deadline, self._settings.deadline).total_seconds()):
                client = await self._connected()
                try:
                    return await self._ask(client, system, words, tools)
                except _Passing:
                    await asyncio.sleep(0.2)
                    return await self._ask(client, system, words, tools)
        except TimeoutError as error:
            raise Timeout("The model did not answer in time.", details=self._settings.model) from error

    async def _connected(self) -> Client:
        if self._client is None or (self._client.done() and self._client.exception()):
            self._client = asyncio.create_task(asyncio.to_thread(_client, self._settings))
        try:
            # Whoever stops waiting does not stop the loading.
            return await asyncio.shield(self._client)
        except (ImportError, ValueError) as error:
            raise Unavailable("The model's client could not be set up.", part="model", details=str(error)) from error

    async def _ask(self, client: Client, system: str, words: str, tools: Sequence[Tool]) -> ModelAnswer:
        import anthropic

        settings = self._settings
        params = tool_params(tools)
        extra: dict[str, Any] = {"output_config": {"effort": settings.effort}} if settings.effort else {}
        try:
            message = await client.messages.create(
                model=settings.model,
                max_tokens=settings.max_tokens,
                # Tools come before the system text in the prompt: one breakpoint caches both.
                system=[{"type": "text", "text": system, "cache_control": {"type": "ephemeral"}}],
                tools=params,
                # `any` is refused by models that always think; an answer without a tool is dealt with.
                tool_choice={"type": "auto", "disable_parallel_tool_use": True},
                messages=[{"role": "user", "content": words}],
                **extra,
            )
        except anthropic.AnthropicError as error:
            raise _mapped(error) from error
        except RuntimeError as error:  # what the SDK raises when AWS has no credentials for it
            raise Unavailable("The model's credentials are missing.", part="model", details=str(error)) from error
        except ValueError as error:  # the SDK lets a body that is no JSON through as it is
            raise Unavailable("The model's answer could not be read.", part="model", details=str(error)[:500]) from error
        return _answer(message)


async def probe(settings: ClaudeSettings) -> list[Probe]:
    """One probe: the smallest question there is, asked as people's words are; some cents' thousandth. Bounded by the deadline."""
    name = "model"
    if not settings.configured:
        what = "not configured: only what is close to the examples is understood"
        return [Probe(name=name, finding=Finding.WARN, what=what, remedy="To be understood more freely, set OPS_CLAUDE__KEY.")]
    claude, ready = Claude(settings), Tool(name="ready", description="Says so.", parameters={"type": "object", "properties": {}})
    try:
        await claude.prepare()
        begun = time.monotonic()
        answer = await claude.choose("Call the tool `ready`.", "Are you ready?", [ready], deadline=settings.deadline)
        took = time.monotonic() - begun
    except OpsError as error:
        what = f"{settings.model}: {error.what} {error.details}".strip()
        return [Probe(name=name, finding=Finding.FAIL, what=what, remedy=_remedy(error))]
    finally:
        await claude.close()
    if not answer.calls:
        what = f"{settings.model} answers, but called no tool"
        return [Probe(name=name, finding=Finding.WARN, what=what, remedy="Set OPS_CLAUDE__MODEL to a model that calls tools.")]
    return [Probe(name=name, finding=Finding.OK, what=f"{settings.model} answered in {took:.1f} s")]


def _remedy(error: OpsError) -> str:
    match error:
        case Timeout():
            return "Raise OPS_CLAUDE__DEADLINE, or set OPS_CLAUDE__MODEL to a quicker one."
        case Throttled():
            return error.remedy
        case _:
            return "Check OPS_CLAUDE__KEY and OPS_CLAUDE__MODEL, and that this machine reaches the API."


class _Passing(Unavailable):
    """A failure that may be gone in a moment."""


def tool_params(tools: Iterable[Tool]) -> list[ToolParam]:
    """Tools as the API takes them: strict as long as their schemas can be and the API's limits for one request last."""
    from anthropic import transform_schema

    params: list[ToolParam] = []
    left = (_STRICT_TOOLS, _STRICT_OPTIONALS, _STRICT_UNIONS)
    for tool in tools:
        schema = dict(tool.parameters)
        after = tuple(have - need for have, need in zip(left, _needs(schema), strict=True))
        if _closed(schema) and min(after) >= 0:
            left = after
            params.append(
                {"name": tool.name, "description": tool.description, "input_schema": transform_schema(schema), "strict": True}
            )
        else:
            params.append({"name": tool.name, "description": tool.description, "input_schema": schema})
    return params


def _needs(schema: dict[str, Any]) -> tuple[int, int, int]:
    """What a strict tool takes of the limits: tools, optional parameters, parameters of several types."""
    properties: dict[str, Any] = schema.get("properties", {})
    return 1, len(properties.keys() - set(schema.get("required", ()))), sum("anyOf" in p for p in properties.values())


def _closed(schema: Any) -> bool:
    """Has it no object with free keys? Strict mode cannot express those."""
    if isinstance(schema, list):
        return all(map(_closed, schema))
    if not isinstance(schema, dict):
        return True
    if schema.get("type") == "object" and schema.get("additionalProperties", "properties" not in schema) is not False:
        return False
    return all(map(_closed, schema.values()))


def _client(settings: ClaudeSettings) -> Client:
    """Runs in a thread: the import alone takes seconds."""
    import anthropic

    key = settings.key.get_secret_value() if settings.key else None
    # The SDK waits as long as a Retry-After says, so it must not retry; one more try is ours.
    common: dict[str, Any] = {
        "max_retries": 0,
        "timeout": settings.deadline.total_seconds(),
        "base_url": settings.base_url or None,
    }
    if settings.api == "bedrock":
        from anthropic.lib.bedrock import AsyncAnthropicBedrock

        return AsyncAnthropicBedrock(
            api_key=key, aws_region=settings.region or None, aws_profile=settings.profile or None, **common
        )
    return anthropic.AsyncAnthropic(api_key=key, **common)


def _mapped(error: Exception) -> OpsError:
    """An error of the SDK as one of ours; what the API said stays in `details`."""
    import anthropic

    details = f"{type(error).__name__}: {error}"[:500]
    if isinstance(error, anthropic.RateLimitError):
        return Throttled("The model has too many requests.", retry_after=_retry_after(error.response.headers), details=details)
    if isinstance(error, anthropic.APITimeoutError):
        return Timeout("The model did not answer in time.", details=details)
    if isinstance(error, anthropic.APIStatusError):
        if error.status_code in (401, 403):
            return Unavailable("The model refuses our credential.", part="model", remedy="Check the key.", details=details)
        kind = _Passing if error.status_code >= 500 else Unavailable
        return kind(f"The model answered with an error ({error.status_code}).", part="model", details=details)
    if isinstance(error, anthropic.APIConnectionError):
        return _Passing("The model cannot be reached.", part="model", details=details)
    return Unavailable("The model's answer could not be read.", part="model", details=details)


def _retry_after(headers: Any) -> float:
    try:
        return max(1.0, min(float(headers.get("retry-after", 10)), _LONGEST_RETRY_AFTER))
    except ValueError:
        return 10.0


def _answer(message: Message) -> ModelAnswer:
    """The answer as data. The SDK does not check what it decodes, so every part is looked at."""
    content: Any = getattr(message, "content", None)
    if not isinstance(content, list):
        raise Unavailable("The model's answer could not be read.", part="model", details="no content")
    if message.stop_reason not in ("tool_use", "end_turn", "stop_sequence"):
        # Cut off or refused: what is there may be half a call.
        log.info("model_answer_incomplete", reason=str(message.stop_reason)[:40])
        return ModelAnswer()
    calls: list[ToolCall] = []
    for block in content:
        if getattr(block, "type", None) == "tool_use":
            name, arguments = getattr(block, "name", None), getattr(block, "input", None)
            if not isinstance(name, str) or not isinstance(arguments, dict):
                raise Unavailable("The model's answer could not be read.", part="model", details="malformed tool call")
            calls.append(ToolCall(tool=name, arguments=arguments))
    text = " ".join(
        str(block.text) for block in content if getattr(block, "type", None) == "text" and getattr(block, "text", None)
    )
    return ModelAnswer(calls=tuple(calls), text=text)
