"""moto's server with our extension in place of EC2, SSM, CloudWatch and Cost Explorer, on loopback only."""

from __future__ import annotations

import gc
import importlib
import json
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from xml.sax.saxutils import escape

import moto.ce.urls
import moto.cloudwatch.urls
import moto.ec2.urls
import moto.ssm.urls
from moto.core.utils import get_service_model
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import BaseWSGIServer, make_server

from providers.demo.cbor import encode
from providers.demo.cloudwatch import CloudWatch
from providers.demo.costs import CostExplorer
from providers.demo.ec2 import Ec2
from providers.demo.loopback import check
from providers.demo.seed import populate
from providers.demo.ssm import Ssm
from providers.demo.world import World

Start = Callable[..., Any]


class Handler(MotoRequestHandler):
    """Keeps connections open and sends small answers at once."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Requests are not logged."""


class Front:
    """moto's application behind a settled world; what nothing simulates is answered with an error that clients do not repeat."""

    def __init__(self, app: Callable[[dict[str, Any], Start], Iterable[bytes]], settle: Callable[[], None]) -> None:
        self._app = app
        self._settle = settle

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        """A WSGI application."""
        self._settle()
        try:
            return self._app(environ, start)
        except NotImplementedError as error:
            kind, body = _refusal(f"The demo does not simulate this: {error}", environ.get("CONTENT_TYPE", ""))
            start("400 Bad Request", [("Content-Type", kind), ("Content-Length", str(len(body)))])
            return [body]


def _refusal(message: str, asked: str) -> tuple[str, bytes]:
    """The type and body of an UnsupportedOperation, in the protocol the request of that type was in."""
    if asked.startswith("application/x-www-form-urlencoded"):
        error = f"<Error><Code>UnsupportedOperation</Code><Message>{escape(message)}</Message></Error>"
        return "text/xml", f"<Response><Errors>{error}</Errors></Response>".encode()
    fields = {"__type": "UnsupportedOperation", "message": message}
    return (asked, encode(fields)) if asked == "application/cbor" else ("application/x-amz-json-1.1", json.dumps(fields).encode())


def install(world: World) -> None:
    """Put our responses in place of moto's; before its first application is made."""
    for responses, urls in (
        (Ec2, moto.ec2.urls),
        (Ssm, moto.ssm.urls),
        (CloudWatch, moto.cloudwatch.urls),
        (CostExplorer, moto.ce.urls),
    ):
        responses.world = world
        vars(urls)["url_paths"] = dict.fromkeys(urls.url_paths, responses.dispatch)
    for service in ("ec2", "ssm", "cloudwatch", "ce", "sts"):
        get_service_model(service)  # read now: the first request should not wait for it
    importlib.import_module("moto.sts.models")


def serve(host: str, port: int, *, transition: float, instances: int, seed: int, regions: Sequence[str]) -> BaseWSGIServer:
    """A bound server with the fleet in it, to be run with `serve_forever`. port 0 takes a free one. Errors: NotLoopback."""
    check(host)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    world = World(seed=seed, transition=transition)
    install(world)
    populate(world, instances, regions)
    gc.collect()
    gc.freeze()  # what was loaded so far stays: collecting it again and again doubles the time of a large answer
    app = Front(DomainDispatcherApplication(create_backend_app), world.settle)
    return make_server(host, port, app, threaded=True, request_handler=Handler)
