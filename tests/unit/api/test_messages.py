from __future__ import annotations

import json
import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from api import routes
from api.messages import LIMIT, Messages
from gate.action import Action, ActionState, Failure
from gate.conversation import Reply
from skills.kit.errors import Forbidden, Throttled
from tests.unit.api.scripted import TOKEN, Door, card, door

DOCUMENTED = {
    "type": "message",
    "text": "list instances",
    "from": {"id": "user-id", "name": "User Name"},
    "conversation": {"id": "conversation-id"},
}


def decide(action: str) -> dict[str, Any]:
    return {"type": "message", "value": {"action": action}}


async def asked(api: Door) -> str:
    _, body, _ = await api.post({"text": "stop web-server-01"})
    return body["data"]["actionId"]


async def test_the_documented_message_is_answered_with_typed_data_and_the_card(api: Door) -> None:
    status, body, headers = await api.post(DOCUMENTED)
    assert status == 200
    assert body == {
        "status": "success",
        "data": {
            "message": "5 instances.",
            "total": 5,
            "privateIp": "10.0.1.45",
            "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": card("5 instances.")}],
            "actions": [],
        },
    }
    assert headers["Cache-Control"] == "no-store"
    (inbound,) = api.chat.heard
    assert inbound.text == "list instances"
    assert inbound.place.key == f"api:{inbound.principal.key}:conversation-id"


async def test_identity_comes_from_the_credential_and_never_from_the_body(api: Door) -> None:
    await api.post({**DOCUMENTED, "from": {"id": "root", "name": "The Boss"}})
    (inbound,) = api.chat.heard
    assert (inbound.principal.kind, inbound.principal.name) == ("key", "API token")


async def test_the_shortest_documented_body_is_enough(api: Door) -> None:
    assert (await api.post({"text": "list instances"}))[0] == 200


async def test_both_ways_to_send_the_token_work(api: Door) -> None:
    response = await api.client.post("/api/messages", json=DOCUMENTED, headers={"Authorization": f"Bearer {TOKEN}"})
    assert response.status == 200


async def test_a_message_shown_early_is_answered_once_with_its_last_content(api: Door) -> None:
    _, body, _ = await api.post({"text": "early"})
    assert body["data"]["message"] == "5 instances."
    assert len(body["data"]["attachments"]) == 1


async def test_what_was_said_and_answered_is_kept(api: Door) -> None:
    await api.post(DOCUMENTED)
    history = await api.history("conversation-id")
    assert [(message["author"], message["text"]) for message in history] == [
        ("person", "list instances"),
        ("bot", "5 instances."),
    ]


async def test_a_change_is_pending_with_the_documented_actions(api: Door) -> None:
    status, body, _ = await api.post({"text": "stop web-server-01"})
    assert (status, body["status"]) == (200, "pending")
    id = body["data"]["actionId"]
    assert body["data"]["actions"] == [
        {"type": "confirm", "label": "Yes, proceed", "action": f"confirm_{id}"},
        {"type": "cancel", "label": "Cancel", "action": f"cancel_{id}"},
    ]


async def test_confirming_waits_for_the_result(api: Door) -> None:
    id = await asked(api)
    api.chat.finished.set()
    status, body, _ = await api.post(decide(f"confirm_{id}"))
    assert (status, body["status"]) == (200, "success")
    assert (body["data"]["message"], body["data"]["total"]) == ("Stopped.", 1)


async def test_respond_async_answers_with_the_running_card_at_once(api: Door) -> None:
    id = await asked(api)
    status, body, _ = await api.post(decide(f"confirm_{id}"), Prefer="respond-async")
    assert (status, body["status"], body["data"]["actions"]) == (202, "pending", [])
    assert body["data"]["message"] == "Stop: running."


async def test_a_result_that_takes_longer_is_answered_as_running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "Messages", partial(Messages, wait=0.05))
    async with door(tmp_path) as api:
        status, body, _ = await api.post(decide(f"confirm_{await asked(api)}"))
        assert (status, body["status"]) == (202, "pending")


async def test_a_decision_replaces_its_card_in_the_conversation(api: Door) -> None:
    id = await asked(api)
    status, body, headers = await api.post(decide(f"cancel_{id}"))
    assert (status, body["status"], body["data"]["message"]) == (200, "success", "Stop: cancelled.")
    history = await api.history()
    assert [message["text"] for message in history] == ["stop web-server-01", "Stop: cancelled."]
    assert headers["X-Message-ID"] == history[-1]["id"]


async def test_a_run_that_is_quicker_than_the_answer_to_the_click_keeps_its_card(api: Door) -> None:
    id = await asked(api)

    async def finish(action: Action) -> None:
        await api.conversations.update(api.chat.heard[0].place, action.card, Reply("Stopped already."))

    api.chat.quicker = finish
    await api.post(decide(f"confirm_{id}"), Prefer="respond-async")
    assert (await api.history())[-1]["text"] == "Stopped already."


async def test_a_button_that_runs_something_is_a_message_with_its_title(api: Door) -> None:
    run = {"skill": "instances.list", "arguments": {"page": 2}}
    assert (await api.post({"text": "Next", "value": {"run": run}}))[0] == 200
    assert api.chat.heard[0].value == {"run": run}
    assert (await api.history())[0]["text"] == "Next"


async def test_an_error_has_the_documented_shape(api: Door) -> None:
    api.chat.error = Forbidden("Insufficient permissions to stop instance", missing="ec2:StopInstances")
    status, body, headers = await api.post({"text": "wrong"})
    assert status == 403
    assert body["status"] == "error"
    assert body["error"] == {
        "code": "PERMISSION_DENIED",
        "message": "Insufficient permissions to stop instance",
        "details": "Required IAM action: ec2:StopInstances",
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", body["timestamp"])
    assert body["request_id"] == headers["X-Request-ID"]
    assert headers["X-Message-ID"] == (await api.history())[-1]["id"]


async def test_throttling_is_in_the_body_and_in_both_headers(api: Door) -> None:
    api.chat.error = Throttled("Too many requests", retry_after=60, details="Rate limit: 10 requests per minute")
    status, body, headers = await api.post({"text": "wrong"})
    assert (status, body["error"]["code"], body["error"]["retry_after"]) == (429, "RATE_LIMITED", 60)
    assert headers["Retry-After"] == headers["X-RateLimit-Retry-After"] == "60"


@pytest.mark.parametrize(
    ("state", "failure", "expected"),
    [
        (
            ActionState.FAILED,
            Failure(code="FORBIDDEN", title="", what="No.", missing="ec2:StopInstances"),
            (403, "PERMISSION_DENIED"),
        ),
        (ActionState.FAILED, Failure(code="UNAVAILABLE", title="", what="No.", part="ssm"), (503, "SSM_UNAVAILABLE")),
        (ActionState.FAILED, Failure(code="NOT_FOUND", title="", what="Gone."), (404, "INSTANCE_NOT_FOUND")),
        (ActionState.STOPPED, None, (409, "CANCELLED")),
        (ActionState.EXPIRED, None, (409, "VALIDATION_ERROR")),
    ],
)
async def test_a_confirmed_action_that_does_not_succeed_is_an_error(
    api: Door, state: ActionState, failure: Failure | None, expected: tuple[int, str]
) -> None:
    id = await asked(api)
    api.chat.final = state
    api.chat.actions[id] = api.chat.actions[id].model_copy(update={"failure": None})

    async def fail(action: Action) -> None:
        api.chat.actions[id] = action.model_copy(update={"failure": failure})
        api.chat.finished.set()

    api.chat.quicker = fail
    status, body, _ = await api.post(decide(f"confirm_{id}"))
    assert (status, body["error"]["code"]) == expected


async def test_an_unknown_action_is_refused_and_changes_no_message(api: Door) -> None:
    status, body, headers = await api.post(decide("confirm_nosuch"))
    assert (status, body["error"]["code"]) == (404, "VALIDATION_ERROR")
    assert "X-Message-ID" not in headers
    assert await api.history() == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"list instances"',
        b"{}",
        b'{"text": ""}',
        b'{"text": "  "}',
        b'{"text": 5}',
        b'{"text": null}',
        b'{"text": "x", "type": "typing"}',
        b'{"text": "x", "unknown": 1}',
        b'{"text": "x", "from": {"id": "u", "role": "admin"}}',
        b'{"text": "x", "from": "me"}',
        b'{"text": "x", "from": {"id": 7}}',
        b'{"text": "x", "conversation": {"id": ""}}',
        b'{"text": "x", "conversation": {"id": "a\\nb"}}',
        b'{"text": "x", "conversation": []}',
        b'{"value": {}}',
        b'{"value": {"action": "confirm_a", "run": {}}}',
        b'{"value": {"action": "no underscore"}}',
        b'{"value": {"action": "confirm_../../x"}}',
        b'{"value": {"action": "confirm_a", "arguments": {"instances": ["i-2"]}}}',
        b'{"value": {"run": "instances.list"}}',
        b'{"text": "\\u0000"}',
        b'{"text": "\\ud800"}',
        b"\xff\xfe",
        b'{"text": "x", "value": ' + b"[" * 20000,
        json.dumps({"text": "x" * 20_001}).encode(),
        b'{"text": "x"} trailing',
    ],
)
async def test_a_malformed_body_is_refused_and_never_an_error_of_ours(api: Door, body: bytes) -> None:
    headers = {"X-API-Key": TOKEN, "Content-Type": "application/json"}
    response = await api.client.post("/api/messages", data=body, headers=headers)
    answer = await response.json()
    assert (response.status, answer["error"]["code"]) == (400, "VALIDATION_ERROR")
    assert answer["error"]["details"]
    assert api.chat.heard == []


async def test_a_huge_body_is_refused_without_being_read_to_its_end(api: Door) -> None:
    async def endless() -> Any:
        for _ in range(1000):
            yield b" " * LIMIT

    headers = {"X-API-Key": TOKEN, "Content-Type": "application/json"}
    response = await api.client.post("/api/messages", data=endless(), headers=headers)
    assert response.status == 413
    assert (await response.json())["error"]["code"] == "VALIDATION_ERROR"


async def test_another_media_type_is_refused(api: Door) -> None:
    response = await api.client.post("/api/messages", data="text=x", headers={"X-API-Key": TOKEN, "Content-Type": "text/plain"})
    assert (response.status, (await response.json())["error"]["code"]) == (415, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-API-Key": "ops_" + "w" * 43}, {"Authorization": "Bearer ops_"}, {"X-API-Key": "é"}, {"Cookie": "ops_session_80=x"}],
)
async def test_who_is_not_known_is_refused_before_the_body_is_looked_at(api: Door, headers: dict[str, str]) -> None:
    response = await api.client.post("/api/messages", data=b"{", headers={"Content-Type": "application/json"} | headers)
    assert response.status == 401
    assert (await response.json())["error"]["code"] == "AUTHENTICATION_FAILED"


async def test_a_defect_of_ours_is_answered_without_its_details(api: Door) -> None:
    status, body, _ = await api.post({"text": "broken"})
    assert (status, body["error"]["code"]) == (500, "INTERNAL_ERROR")
    assert "secret" not in json.dumps(body)


async def test_a_turn_that_does_not_end_is_answered_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "Messages", partial(Messages, patience=0.05))
    async with door(tmp_path) as api:
        status, body, _ = await api.post({"text": "slow"})
        assert (status, body["error"]["code"]) == (504, "TIMEOUT")


async def test_a_correlation_id_is_echoed_and_reaches_the_bot(api: Door) -> None:
    _, _, headers = await api.post(DOCUMENTED, X_Correlation_ID="trace-1.a:b_c")
    assert headers["X-Correlation-ID"] == "trace-1.a:b_c" == api.chat.heard[0].correlation
    assert headers["X-Request-ID"] != headers["X-Correlation-ID"]


@pytest.mark.parametrize("bad", ["x" * 65, "a b", "a\tb", '"><script>', ""])
async def test_a_correlation_id_that_is_not_safe_is_replaced(api: Door, bad: str) -> None:
    _, _, headers = await api.post(DOCUMENTED, X_Correlation_ID=bad)
    assert re.fullmatch(r"[0-9a-f]{32}", headers["X-Correlation-ID"])
