"""The real AWS: the ports Compute, Metrics, Commands and Costs over boto3. Nothing here loads boto3 before its first call."""

from providers.aws.cloud import Aws
from providers.aws.settings import AwsSettings

__all__ = ["Aws", "AwsSettings"]
