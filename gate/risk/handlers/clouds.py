"""Cloud command lines: the operation's name says whether it reads; groups and verbs that are not listed are not known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gate.risk.forms import Call, Handler
from gate.risk.words import names, shown


def service_call(call: Call) -> None:
    """Aws SERVICE OPERATION."""
    if len(call.operands) < 2:
        if "--version" not in call.options:
            call.deny("aws without an operation")
        return
    service, operation = call.operands[:2]
    text = f"{service} {operation}"
    if not (_SERVICE.fullmatch(service) and (_READS.fullmatch(operation) or text in _ALSO_READ)):
        call.deny(f"aws {shown(text)} is not known to be harmless")
    elif _AWS_SECRET.search(text) or _given(call, "--with-decryption", "--include-value", "--include-values"):
        call.deny("shows secrets")
    elif _TO_A_FILE.search(text):
        call.deny("writes what it gets to a file")
    elif operation == "tail" and _given(call, "--follow"):
        call.deny("does not end by itself")
    if any("file://" in word or "fileb://" in word for word in _everything(call)):
        call.deny("sends a file")


def _given(call: Call, *options: str) -> bool:
    """Whether one of the options is given, in full or shortened."""
    return any(len(option) > 2 and full.startswith(option) for option in call.options for full in options)


def _everything(call: Call) -> Iterator[str]:
    yield from call.operands
    for values in call.options.values():
        yield from values


_SERVICE = re.compile(r"[a-z0-9-]+")
_READS = re.compile(
    r"(describe|list|lookup|search|batch-get|batch-describe|head|filter|simulate|validate|estimate|view|query|scan|admin-get|"
    r"admin-list)(-[a-z0-9-]+)?|get-[a-z0-9-]+"
)
_ALSO_READ = frozenset(
    ("s3 ls", "logs start-query", "logs tail", "sts decode-authorization-message", "configure list", "configure list-profiles",
     "rds download-db-log-file-portion")
)  # fmt: skip
_AWS_SECRET = re.compile(
    r"secret|password|token|credential|login|access-details|get-session|federat|get-api-keys?$|private|presign|signed-url|"
    r"download-url|kubeconfig|get-connections?$|get-access-key-(?!last)|get-key-pairs?$|data-key|"
    r"codecommit get-(blob|file)|master-user|user-data|get-random|export$|get-relational-database-master"
)
_TO_A_FILE = re.compile(
    r"s3api (get-object(-torrent)?|select-object-content)$|get-job-output|apigateway get-(export|sdk)|iot-data get-thing-shadow|"
    r"media|get-clip|get-snapshot-block|appconfig get-configuration$|get-latest-configuration|get-raw-message|"
    r"get-package-version-asset|get-code-bindings|get-apk|get-geolocation|get-tile|get-glyphs|get-sprites|get-static-map|"
    r"get-(read-set|reference)$|get-document-content|get-attachment$|kinesis-video|sagemaker-runtime|bedrock-runtime|"
    r"get-run-artifact|get-asset$|get-file$|get-object$|get-package$|lex\w* get-export|device-thumbnail|get-map-"
)


@dataclass(frozen=True)
class Tree:
    """A command line made of groups and, at the end, a verb. first: groups only at the path's beginning, elsewhere verbs."""

    groups: frozenset[str]
    first: frozenset[str]
    verbs: re.Pattern[str]
    secret: re.Pattern[str]


def only_names(call: Call) -> None:
    """Gcloud GROUP... VERB, az GROUP... VERB: every group known, and then a verb that reads."""
    tree = _TREES[call.program]
    path: list[str] = []
    for word in call.operands:
        begins = _STAGES.issuperset(path)
        path.append(word)
        if word in tree.groups or word in _STAGES or (begins and word in tree.first):
            continue
        if tree.verbs.fullmatch(word) and not tree.secret.search(" ".join(path)):
            return
        break
    call.deny(f"{call.program} {' '.join(map(shown, path))} is not known to be harmless")


_STAGES = frozenset(("alpha", "beta"))
_GCLOUD = Tree(
    groups=names(
        """
        compute instances disks snapshots images networks subnets firewall-rules forwarding-rules backend-services backend-buckets
        health-checks http-health-checks https-health-checks target-pools target-http-proxies target-https-proxies
        target-tcp-proxies target-ssl-proxies url-maps addresses routes routers regions zones machine-types disk-types
        instance-groups instance-templates managed unmanaged operations project-info reservations resource-policies
        ssl-certificates ssl-policies vpn-tunnels vpn-gateways target-vpn-gateways interconnects attachments security-policies
        network-endpoint-groups sole-tenancy node-groups commitments container clusters node-pools hubs memberships sql databases
        backups flags tiers functions services revisions jobs executions projects organizations folders iam roles
        service-accounts pubsub topics subscriptions dns managed-zones record-sets logging logs sinks metrics buckets views
        monitoring policies dashboards channels uptime config configurations auth app versions builds triggers artifacts
        repositories packages tags docker components billing accounts budgets redis bigtable tables spanner kms keyrings keys
        locations dataflow dataproc filestore memcache deployment-manager deployments types endpoints scheduler tasks queues
        secrets storage objects asset recommender recommendations insights workflows eventarc composer environments vpc-access
        connectors access-context-manager network-security certificate-manager certificates maps releases targets
        delivery-pipelines rollouts resource-manager service-directory network-management connectivity-tests notebooks tpus tpu-vm
        firestore indexes fields datastore data-catalog essential-contacts agent-pools workstations
        """
    ),
    first=frozenset(("run", "deploy", "source", "transfer")),
    verbs=re.compile(
        r"list|describe|read|info|version|lookup|history|(list|describe)-[\w-]+|get-value|test-iam-permissions|get-config|"
        r"get-(iam-policy|ancestors-iam-policy|health|server-config|serial-port-output|status|effective-firewalls|nat-mapping-info|"
        r"shielded-identity|operation)"
    ),
    secret=re.compile(r"versions access|credential|service-accounts keys|ssh-keys"),
)
_AZ = Tree(
    groups=names(
        """
        vm vmss aks acr network nic vnet subnet nsg rule public-ip lb probe address-pool application-gateway traffic-manager
        profile endpoint dns zone record-set a cname txt mx ns srv ptr private-dns private-endpoint private-link-service
        route-table route vnet-gateway vpn-connection express-route firewall front-door watcher flow-log storage account container
        blob share queue table fs file group resource deployment operation sub subscription monitor metrics alert
        activity-log log-analytics workspace diagnostic-settings action-group autoscale sql server db elastic-pool mi postgres
        mysql flexible-server cosmosdb redis functionapp webapp appservice plan slot deployment-slot keyvault key certificate
        ad user app sp signed-in-user role assignment definition policy state disk snapshot image sig image-definition
        image-version identity eventhubs namespace eventhub servicebus topic iot hub apim
        backup vault job item recoverypoint container-app containerapp revision replica batch pool advisor
        recommendation consumption usage budget cdn provider feature lock tag configuration repository nodepool node-pool machine
        extension availability-set ppg host maintenance graph quota support tickets
        health managed-cluster aro hdinsight databricks synapse search service signalr
        stack ts bastion nat gateway ddos-protection management-group entities bicep cloud version cluster
        """
    ),
    first=frozenset(),
    verbs=re.compile(
        r"show|list|list-(?!keys|connection|credential|secret|admin|auth|runtime-key)[\w-]+|"
        r"get-(instance-view|versions|upgrades|backend-health)|show-(usage|stats|health|backend-health)|version|check-health|query|exists"
    ),
    secret=re.compile(
        r"\bkeys? (list|show)|credential|connection-string|publishing|(functionapp|webapp) (config|deployment)|keyvault secret"
    ),
)
_TREES = {"gcloud": _GCLOUD, "az": _AZ}

HANDLERS: dict[str, Handler] = {"service_call": service_call, "only_names": only_names}
