from __future__ import annotations

from structlog.testing import capture_logs

from tests.unit.bot.teams.conftest import Stage


async def test_what_is_refused_leaves_a_line_with_its_code_and_no_token(stage: Stage) -> None:
    token = stage.issuer.token("another-app", stage.connector.url)
    with capture_logs() as lines:
        status, _ = await stage.teams.post(stage.teams.activity(channelData={"tenant": {"id": "elsewhere"}}))
        assert status == 403
        status, _ = await stage.teams.post(stage.teams.activity(text="hello"), token=token)
        assert status == 401
    refused = [line for line in lines if line["event"] == "activity_refused"]
    assert [(line["status"], line["code"]) for line in refused] == [(403, "TENANT"), (401, "INVALID_TOKEN")]
    assert token not in str(lines)
