"""botocore's errors as the product's: the one place that knows AWS's error codes."""

from __future__ import annotations

import re
from typing import Any

from skills.kit.errors import Conflict, Forbidden, Invalid, NotFound, OpsError, Throttled, Unavailable

PARTS = {"ce": "cost explorer"}
"""What people call a service, where that is not its SDK name."""

_ACTIONS = {"s3:ListObjectsV2": "s3:ListBucket", "s3:HeadObject": "s3:GetObject"}
"""Operations whose IAM action has another name."""


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


_THROTTLED = _codes(
    "Throttling ThrottlingException ThrottledException RequestThrottled RequestThrottledException RequestLimitExceeded "
    "TooManyRequestsException TooManyRequests LimitExceededException SlowDown EC2ThrottledException PriorRequestNotComplete"
)
_FORBIDDEN = _codes(
    "UnauthorizedOperation AccessDenied AccessDeniedException AuthorizationError UnauthorizedAccess OptInRequired"
)
_CREDENTIALS = _codes(
    "AuthFailure InvalidClientTokenId UnrecognizedClientException SignatureDoesNotMatch InvalidSignatureException "
    "ExpiredToken ExpiredTokenException RequestExpired MissingAuthenticationToken IncompleteSignature InvalidAccessKeyId"
)
_NOT_FOUND = _codes(
    "InvalidInstanceID.NotFound InvalidInstanceID.Malformed InvalidCommandId InvocationDoesNotExist NoSuchKey NoSuchBucket "
    "ResourceNotFoundException DataUnavailableException"
)
_CONFLICT = _codes(
    "IncorrectInstanceState IncorrectState IncorrectInstanceStateException UnsupportedOperation OperationNotPermitted"
)
_UNAVAILABLE = _codes("InsufficientInstanceCapacity InsufficientHostCapacity")

_PERFORM = re.compile(r"not authorized to perform:? ([a-z0-9-]+:\w+)")


class Unclear(Unavailable):
    """The connection broke, or the answer made no sense, after the request was sent: it may have been carried out."""


def action(service: str, operation: str) -> str:
    """The IAM action an operation needs: `ec2`, `StopInstances` is `ec2:StopInstances`."""
    name = f"{service}:{operation}"
    return _ACTIONS.get(name, name)


def translate(error: Exception, *, service: str, operation: str, where: str) -> OpsError:
    """An error of botocore as one of ours. where: account and region in words. Never holds credentials or signed requests."""
    from botocore import exceptions as boto

    part = PARTS.get(service, service)
    details = f"{action(service, operation)} ({where})"
    if isinstance(error, boto.ClientError):
        return _refusal(error.response, service, operation, where)
    if isinstance(error, boto.NoCredentialsError | boto.PartialCredentialsError | boto.CredentialRetrievalError | boto.SSOError):
        return _credentials(part, details)
    if isinstance(error, boto.ParamValidationError):
        return Invalid("AWS cannot be asked that.", details=f"{details}: {error}"[:400])
    if isinstance(error, boto.ProxyConnectionError | boto.EndpointConnectionError | boto.ConnectTimeoutError):
        return Unavailable(
            f"AWS ({part}) cannot be reached.",
            part=part,
            remedy="Check the network, the proxy and the region's name.",
            details=details,
        )
    return Unclear(
        f"AWS ({part}) did not answer properly.", part=part, remedy="Try again in a minute.", details=f"{details}: {_kind(error)}"
    )


def _refusal(response: Any, service: str, operation: str, where: str) -> OpsError:
    """The error for an answer in which AWS says no, by its code."""
    code, message = str(response.get("Error", {}).get("Code", "")), str(response.get("Error", {}).get("Message", ""))
    meta = response.get("ResponseMetadata", {})
    part, wanted = PARTS.get(service, service), action(service, operation)
    details = f"{wanted} ({where}): {code}, request {meta.get('RequestId', 'unknown')}"
    said = message.partition(" Encoded authorization")[0].strip()[:300] or code
    if code in _THROTTLED or meta.get("HTTPStatusCode") == 429:
        return Throttled(f"AWS ({part}) asks to slow down.", retry_after=_retry_after(meta), details=details)
    if code in _FORBIDDEN:
        return forbidden(_PERFORM.search(message), wanted, where)
    if code in _CREDENTIALS:
        return _credentials(part, details)
    if code == "InvalidInstanceId" and service == "ssm":
        return Unavailable(
            "An instance's SSM agent is not connected, so nothing can run there.",
            part=part,
            remedy="Check that the instance runs, has the SSM agent and a role with AmazonSSMManagedInstanceCore.",
            details=details,
        )
    if code in _NOT_FOUND:
        return NotFound(f"AWS does not know it: {said}", details=details)
    if code in _CONFLICT:
        return Conflict(f"AWS refused: {said}", details=details, remedy="Look at its state and try again.")
    if code in _UNAVAILABLE:
        return Unavailable(
            f"AWS ({part}) has it not available now: {said}", part=part, details=details, remedy="Try again later."
        )
    if int(meta.get("HTTPStatusCode", 500)) >= 500:
        return Unclear(f"AWS ({part}) failed.", part=part, remedy="Try again in a minute.", details=details)
    return Invalid(f"AWS refused: {said}", details=details)


def forbidden(named: re.Match[str] | None, wanted: str, where: str) -> Forbidden:
    """The error for a missing IAM action; the one AWS names wins over the one we know of."""
    missing = named[1] if named else wanted
    return Forbidden(
        f"The bot's AWS identity may not use {missing}.",
        missing=missing,
        remedy=f"Allow {missing} in the IAM policy of the bot's identity.",
        details=f"Required IAM action: {missing} ({where})",
    )


def _credentials(part: str, details: str) -> Unavailable:
    return Unavailable(
        f"AWS ({part}) does not accept the bot's credentials, or there are none.",
        part=part,
        remedy="Give the bot a role, a profile (AWS_PROFILE), or a key (OPS_AWS__ACCESS_KEY_ID and its secret).",
        details=details,
    )


def _retry_after(meta: Any) -> float:
    """Seconds, from the answer's header when it has one, at most a minute."""
    value = str(meta.get("HTTPHeaders", {}).get("retry-after", ""))
    return min(float(value), 60.0) if value.isdigit() else 5.0


def _kind(error: Exception) -> str:
    return type(error).__name__
