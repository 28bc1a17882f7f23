"""An endpoint that answers as a test says, and remembers what it was asked."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request. service, region and key: as it was signed for; token: of a session. params: form fields or JSON.

    body and headers: as they came.
    """

    action: str
    params: dict[str, Any]
    service: str
    region: str
    key: str
    path: str
    range: str
    token: str = ""
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()

    def values(self, prefix: str) -> list[str]:
        """The numbered form fields below a prefix, such as `InstanceId`."""
        return [value for name, value in self.params.items() if re.fullmatch(rf"{prefix}\.\d+", name)]


class Drop:
    """An answer that never comes: the connection is closed after the request was read."""


Answer = tuple[int, str | dict[str, Any] | bytes] | Drop


class Endpoint:
    """A server on loopback. answer: what to say; set it before asking."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answer: Callable[[Asked], Answer] = lambda asked: (400, {"__type": "Unexpected", "message": asked.action})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def actions(self, name: str) -> list[Asked]:
        """The requests of one action, oldest first."""
        return [asked for asked in self.asked if asked.action == name]

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                asked = _asked(self)
                endpoint.asked.append(asked)
                answer = endpoint.answer(asked)
                if isinstance(answer, Drop):
                    self.close_connection = True
                    return
                status, body = answer
                content = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def do_GET(self) -> None:
                self.do_POST()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler


def _asked(request: BaseHTTPRequestHandler) -> Asked:
    body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
    target = request.headers.get("X-Amz-Target", "")
    if target:
        params, action = json.loads(body), target.rpartition(".")[2]
    else:
        params = dict(parse_qsl(body.decode() or urlsplit(request.path).query))
        action = str(params.get("Action", request.command))
    key, _, region, service = re.search(r"Credential=([^,]+)/aws4", request.headers.get("Authorization", ""))[1].split("/")  # type: ignore[index]
    return Asked(
        action,
        params,
        service,
        region,
        key,
        request.path,
        request.headers.get("Range", ""),
        request.headers.get("X-Amz-Security-Token", ""),
        body,
        tuple(request.headers.items()),
    )


def refusal(code: str, message: str = "no") -> str:
    """EC2's way of saying no."""
    return (
        f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
        "<RequestID>r-1</RequestID></Response>"
    )


def instances(*ids: str, state: str = "running", token: str = "", owner: str = "111111111111", tags: str = "") -> str:
    """A response of DescribeInstances; each id's name is `n-` and the id."""
    items = "".join(
        f"<item><instanceId>{id}</instanceId><imageId>ami-1</imageId><instanceType>t3.micro</instanceType>"
        f"<instanceState><code>16</code><name>{state}</name></instanceState><privateIpAddress>10.0.0.1</privateIpAddress>"
        f"<launchTime>2026-01-05T09:30:00.000Z</launchTime><placement><availabilityZone>us-east-1a</availabilityZone></placement>"
        f"<tagSet><item><key>Name</key><value>n-{id}</value></item>{tags}</tagSet></item>"
        for id in ids
    )
    return (
        '<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><reservationSet><item>'
        f"<ownerId>{owner}</ownerId><instancesSet>{items}</instancesSet></item></reservationSet>"
        f"<nextToken>{token}</nextToken></DescribeInstancesResponse>"
    )
