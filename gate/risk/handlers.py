"""What a form cannot say in a line: wrappers of other commands, and programs whose arguments are a language or a place."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gate.risk import environment
from gate.risk.forms import Call, Handler
from gate.risk.languages import awk, sed, sql
from gate.risk.words import QUOTED, SPLIT, loose, shown, unknown


def _values(call: Call, *options: str) -> list[str]:
    return [value for option in options for value in call.options.get(option, ())]


def _wrapped(call: Call, words: list[str]) -> None:
    if words:
        call.judge.command(words, call.piece)
    else:
        call.deny(f"{call.program} without a command is a shell or does nothing known")


def shell(call: Call) -> None:
    """bash -c CODE; without -c it runs what it reads, a file or its input."""
    if "-c" not in call.options or not call.operands:
        call.deny(f"{call.program} runs what it reads")
        return
    call.judge.code(call.operands[0], call.piece)


def evaluate(call: Call) -> None:
    """Eval TEXT..."""
    call.judge.code(" ".join(call.operands), call.piece)


def env(call: Call) -> None:
    """Env NAME=VALUE... COMMAND; without a command it lists the environment."""
    words = list(call.rest)
    while words and "=" in words[0]:
        name = words.pop(0).partition("=")[0]
        if unknown(name) or not environment.harmless(name):
            call.deny(f"{shown(name)} steers what programs do")
    if words:
        call.judge.command(words, call.piece)
    else:
        call.deny("lists the environment, secrets included")


def sudo(call: Call) -> None:
    """Sudo [NAME=VALUE] COMMAND; `sudo -l` only lists."""
    if "-l" in call.options and not call.rest:
        return
    if call.rest and "=" in call.rest[0]:
        env(call)
    else:
        _wrapped(call, call.rest)


def within(call: Call) -> None:
    """A command in a container, another namespace or under another name: judged as if it were typed there."""
    _wrapped(call, call.rest)


def timed(call: Call) -> None:
    """Timeout DURATION COMMAND: the command ends, so one that would not is judged all the same."""
    _wrapped(call, call.rest)


def watched(call: Call) -> None:
    """Watch COMMAND."""
    call.deny(f"{call.program} does not end by itself")
    if call.rest:
        call.judge.code(" ".join(call.rest), call.piece)


def xargs(call: Call) -> None:
    """Xargs COMMAND: what it reads becomes arguments, or takes the place of a mark."""
    words = list(call.rest) or ["echo"]
    marks = _values(call, "-I", "-i", "--replace") or (["{}"] if "-i" in call.options else [])
    if marks:
        mark = marks[-1] or "{}"
        words = [word.replace(mark, SPLIT) for word in words]
    else:
        words.append(SPLIT)
    call.judge.command(words, call.piece)


def remote(call: Call) -> None:
    """Ssh HOST COMMAND: the words are joined and given to the shell there."""
    for value in _values(call, "-o"):
        if not _SSH_OPTION.match(value):
            call.deny(f"ssh -o {shown(value)} is not known to be harmless")
    if call.operands and (loose(call.operands[0]) or "::" in call.operands[0]):
        call.deny("the host could turn into an option")
    if call.judge.piped or call.judge.fed:
        call.deny("sends its input to another machine")
    if call.rest:
        call.judge.code(" ".join(call.rest), call.piece)
    else:
        call.deny("opens a shell on another machine")


_SSH_OPTION = re.compile(
    r"(ConnectTimeout|BatchMode|StrictHostKeyChecking|LogLevel|ServerAlive\w+|ConnectionAttempts|PasswordAuthentication|Port|User)"
    r"[= ]\w+$|UserKnownHostsFile=/dev/null$",
    re.IGNORECASE,
)


def each_node(call: Call) -> None:
    """Knife ssh QUERY COMMAND."""
    words = call.operands[1:]
    if not words:
        call.deny("opens a shell on other machines")
    else:
        call.judge.code(" ".join(words), call.piece)


def find(call: Call) -> None:
    """An expression: every test is looked up, every command that is executed is judged."""
    words = call.operands
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if word in ("-exec", "-execdir"):
            end = next((i for i in range(at, len(words)) if words[i] in (";", "+")), len(words))
            inner = [part.replace("{}", "./" + QUOTED) for part in words[at:end]]
            at = end + 1
            _wrapped(call, inner)
        elif word in _FIND_TESTS:
            at += _FIND_TESTS[word]
        elif word[:1] == "-" and len(word) > 1:
            call.deny(f"find {shown(word)} is not known to be harmless")
        elif loose(word):
            call.deny(f"{shown(word)} could turn into an action of find")
    inner_rm = [words[i + 1] for i, word in enumerate(words[:-1]) if word in ("-ok", "-okdir")]
    if "-delete" in words or "rm" in inner_rm:
        call.destroy("find deletes what it finds")


_FIND_TESTS = {
    **dict.fromkeys(
        ["-print", "-print0", "-ls", "-prune", "-quit", "-true", "-false", "-empty", "-daystart", "-depth", "-d", "-mount", "-xdev", "-noleaf", "-follow", "-nouser", "-nogroup", "-readable", "-writable", "-executable", "-not", "-and", "-or", "-a", "-o", "-H", "-L", "-P", "-ignore_readdir_race", "-noignore_readdir_race", "-warn", "-nowarn", "-help", "--help", "-version", "--version", "-E", "-s", "-X", "-x"],
        0,
    ),
    **dict.fromkeys(
        ["-name", "-iname", "-path", "-ipath", "-wholename", "-iwholename", "-regex", "-iregex", "-regextype", "-type", "-xtype", "-size", "-mtime", "-ctime", "-atime", "-mmin", "-cmin", "-amin", "-newer", "-anewer", "-cnewer", "-newermt", "-newerat", "-newerct", "-newermm", "-user", "-group", "-uid", "-gid", "-perm", "-links", "-inum", "-samefile", "-maxdepth", "-mindepth", "-fstype", "-lname", "-ilname", "-printf", "-used", "-context", "-flags", "-D"],
        1,
    ),
}


def awk_(call: Call) -> None:
    """Awk 'PROGRAM' [FILE...]."""
    if not call.operands:
        call.deny("awk without a program")
        return
    program = call.operands[0]
    if unknown(program):
        call.deny("an awk program that is only known when it runs")
    elif reason := awk.objection(program):
        call.deny(f"awk: {reason}")


def sed_(call: Call) -> None:
    """Sed -e SCRIPT or sed SCRIPT [FILE...]."""
    scripts = _values(call, "-e", "--expression") or call.operands[:1]
    if not scripts:
        call.deny("sed without a script")
    for script in scripts:
        if reason := sed.objection(script):
            call.deny(f"sed: {reason}")


def query(call: Call) -> None:
    """Psql -c, mysql -e: every statement must be one that reads; without one it reads statements from its input."""
    texts = _values(call, "-c", "--command", "-e", "--execute", "-q", "--query")
    for text in texts:
        if text and (reason := sql.objection(text)):
            call.deny(f"SQL: {reason}")
    if not texts and {"-l", "--list", "-V", "--version"}.isdisjoint(call.options):
        call.deny(f"{call.program} runs the statements it reads")


def sqlite(call: Call) -> None:
    """sqlite3 FILE STATEMENT."""
    if len(call.operands) != 2:
        call.deny("sqlite3 runs the statements it reads")
    elif reason := sql.objection(call.operands[1], sqlite=True):
        call.deny(f"SQL: {reason}")


def mongo(call: Call) -> None:
    """Mongosh --eval EXPRESSION: a chain of calls that read, with plain values."""
    texts = _values(call, "--eval")
    for text in texts:
        if not _MONGO.fullmatch(text.strip().rstrip(";")):
            call.deny("a mongo expression that is not known to be harmless")
    if not texts:
        call.deny(f"{call.program} runs what it reads")


_MONGO = re.compile(
    r"show (dbs|databases|collections|tables|users|roles|profile)|"
    r"(printjson\()?(db(\.getSiblingDB\(['\"]\w+['\"]\))?(\.\w+|\[['\"]\w+['\"]\]|\.getCollection\(['\"][\w.]+['\"]\))*|rs|sh)\."
    r"(find|findOne|count|countDocuments|estimatedDocumentCount|distinct|stats|getIndexes|dataSize|storageSize|totalSize|"
    r"serverStatus|currentOp|hostInfo|version|getMongo|getCollectionNames|getCollectionInfos|listCommands|isMaster|hello|status|conf|"
    r"config|printReplicationInfo|printSecondaryReplicationInfo|printSlaveReplicationInfo|getReplicationInfo|getProfilingStatus)"
    r"\((?:[^()]|ObjectId\([\"'\w]*\))*\)"
    r"(\.(pretty|limit|sort|skip|count|size|explain|toArray|itcount|ok|host|uptime|connections)(\([^()]*\))?)*\)?"
)


def redis(call: Call) -> None:
    """Redis-cli COMMAND: from the list of commands that read."""
    words = [word.lower() for word in call.operands]
    if not words:
        if not _REDIS_MODES.isdisjoint(call.options):
            return
        call.deny("redis-cli runs the commands it reads")
    elif words[0] in _REDIS:
        verbs = _REDIS[words[0]]
        if verbs and (len(words) < 2 or words[1] not in verbs.split()):
            call.deny(f"redis-cli {' '.join(map(shown, words[:2]))} is not known to be harmless")
        elif words[0] == "config" and any(re.search(r"pass|auth|\*|\?|\[", word) for word in words[2:]):
            call.deny("shows the password")
    else:
        call.deny(f"redis-cli {shown(words[0])} is not known to be harmless")


_REDIS_MODES = frozenset(("--bigkeys", "--memkeys", "--hotkeys", "--scan", "--version", "-v", "--help"))
_REDIS: dict[str, str] = dict.fromkeys(
    ["ping", "info", "get", "mget", "strlen", "getrange", "exists", "keys", "scan", "ttl", "pttl", "type", "dbsize", "llen", "lrange", "lindex", "hget", "hmget", "hgetall", "hkeys", "hvals", "hlen", "hexists", "hscan", "hstrlen", "scard", "smembers", "sismember", "smismember", "srandmember", "sscan", "sinter", "sunion", "sdiff", "zcard", "zcount", "zrange", "zrangebyscore", "zrevrange", "zrevrangebyscore", "zrank", "zrevrank", "zscore", "zmscore", "zscan", "zlexcount", "xlen", "xrange", "xrevrange", "xpending", "bitcount", "getbit", "bitpos", "pfcount", "lastsave", "time", "role", "randomkey", "dump", "echo", "geopos", "geodist", "geohash", "touch_none", "expiretime", "pexpiretime", "lolwut"],
    "",
) | {
    "config": "get", "slowlog": "get len help", "client": "list info getname id getredir help", "latency": "latest history doctor graph help histogram",
    "cluster": "info nodes slots shards myid keyslot countkeysinslot getkeysinslot slaves replicas links help",
    "memory": "usage stats doctor malloc-stats help", "object": "encoding freq idletime refcount help", "command": "count info docs list getkeys",
    "sentinel": "masters master replicas slaves sentinels get-master-addr-by-name ckquorum myid info-cache", "acl": "whoami cat",
    "pubsub": "channels numsub numpat", "xinfo": "stream groups consumers help", "module": "list", "script": "exists", "function": "stats",
}  # fmt: skip


def fetch(call: Call) -> None:
    """Curl and wget: a plain GET of an http address, shown and not kept."""
    for value in _values(call, "-o", "--output", "-O", "--output-document"):
        if value not in ("/dev/null", "-"):
            call.deny("keeps what it downloads in a file")
    for value in _values(call, "-X", "--request"):
        if value not in ("GET", "HEAD", "OPTIONS"):
            call.deny(f"a {shown(value)} request may change something")
    for value in _values(call, "-w", "--write-out", "-H", "--header", "--url-query"):
        if "%output" in value or value.startswith("@") or "@/" in value:
            call.deny("reads or writes a file")
    for address in (*call.operands, *_values(call, "--url")):
        scheme = re.match(r"(\w[\w+.-]*):/*", address)
        if (scheme and scheme[1].lower() not in ("http", "https") and "://" in address) or address.startswith(("file:", "@")):
            call.deny(f"{shown(address)} is not a web address")
        elif _EFFECT.search(address):
            call.deny("the address names an effect")
    if call.program == "wget" and "--spider" not in call.options and not _values(call, "-O", "--output-document"):
        call.deny("keeps what it downloads in a file")
    if not call.operands and not _values(call, "--url") and "-V" not in call.options and "--version" not in call.options:
        call.deny(f"{call.program} without an address")


_EFFECT = re.compile(
    r"(?<![a-z])(delete|remove|shutdown|stop|restart|reboot|reload|drain|quit\w*|kill|terminate|abort|flush|reset|purge|destroy|"
    r"exec|enable|disable|create|update|trigger|deploy|write|set|run|cmd|pprof/(profile|trace)|heapdump|dump|admin/tsdb)(?![a-z])|"
    r"/(env|configprops|jolokia|heapdump)(/|$)",
    re.IGNORECASE,
)


def connect(call: Call) -> None:
    """Openssl s_client: what comes in is sent, so nothing but a line end or nothing may come."""
    if call.judge.piped not in ("echo", "true", "printf", ":") and not (call.judge.fed and "/dev/null" in call.piece):
        call.deny("sends its input, or waits for some")


def probe(call: Call) -> None:
    """Nc -z: only whether a port answers."""
    if call.judge.piped and call.judge.piped != "echo":
        call.deny("sends its input")


def keyless(call: Call) -> None:
    """Openssl's readers of certificates: not of keys."""
    if any("key" in word.lower() for word in call.operands):
        call.deny("shows a key")


def look(call: Call) -> None:
    """Kubectl get: names of secrets may be seen, their contents may not."""
    shape = "".join(_values(call, "-o", "--output"))
    full = (shape and not shape.startswith(("name", "wide"))) or "--template" in call.options or call.path[-1:] == ["describe"]
    for word in call.operands:
        if full and _SECRETS.search(word):
            call.deny("shows secrets")
    for value in _values(call, "--raw"):
        if "secret" in value or _EFFECT.search(value) or "proxy" in value:
            call.deny("the path may show secrets or have an effect")


_SECRETS = re.compile(r"(^|,)(secrets?|sealedsecrets?|externalsecrets?|oauth\w*tokens?|tokenreviews?)(\.|/|,|$)", re.IGNORECASE)


def kube_exec(call: Call) -> None:
    """Kubectl exec POD -- COMMAND."""
    _wrapped(call, call.rest)


def etcd_get(call: Call) -> None:
    """Etcdctl get: keys, not values, which may be secrets."""
    if not {"--keys-only", "--count-only"}.intersection(call.options):
        call.deny("shows values, secrets among them")


def interval(call: Call) -> None:
    """Vmstat, sar, iostat: an interval without a count never ends."""
    numbers = [word for word in call.operands if word.isdigit()]
    if len(numbers) == 1:
        call.deny("an interval without a count does not end by itself")


def naming(call: Call) -> None:
    """Date: shows a time; setting it takes an operand that is not a format."""
    if any(not word.startswith("+") for word in call.operands):
        call.deny("sets the clock")


def kernel(call: Call) -> None:
    """Sysctl NAME: shows; NAME=VALUE sets."""
    for word in call.operands:
        if "=" in word or "/" in word or unknown(word):
            call.deny("may set a kernel parameter")


def nowhere(call: Call) -> None:
    """Tee: what it writes must go nowhere."""
    if any(word not in ("/dev/null", "/dev/stderr", "/dev/stdout") for word in call.operands):
        call.deny("writes to a file")


def devices(call: Call) -> None:
    """Dd: reads a piece of a file and shows it."""
    for word in call.operands:
        key, _, value = word.partition("=")
        if (
            key not in ("if", "bs", "count", "skip", "ibs", "status", "iflag", "iseek")
            or (key == "if" and "/dev/" in value)
            or unknown(word)
        ):
            call.deny("dd writes, or reads a device")
    if not any(word.startswith("count=") for word in call.operands):
        call.deny("dd without a count may not end")


def streamed(call: Call) -> None:
    """Compressors, calculators: from input to output only."""
    shows = {"-c", "--stdout", "--to-stdout", "-l", "--list", "-t", "--test"}.intersection(call.options)
    if call.operands and not shows:
        call.deny(f"{call.program} replaces files")
    elif not call.operands and not (call.judge.piped or call.judge.fed):
        call.deny(f"{call.program} waits for input")


def archive(call: Call) -> None:
    """Tar -t: only lists."""
    if not {"-t", "--list"}.intersection(call.options):
        call.deny("tar packs or unpacks")
    if any(
        not re.fullmatch(r"[\w./ -]*", value.replace(QUOTED, "").replace(SPLIT, "")) or ":" in value
        for value in _values(call, "-f", "--file")
    ):
        call.deny("an archive on another machine")


def bundled(call: Call) -> None:
    """Tar's oldest way: `tar tvf FILE`, letters without a dash."""
    letters, *rest = call.operands or [""]
    if "-t" in call.options or "--list" in call.options:
        archive(call)
    elif not re.fullmatch(r"[vzjJaf]*t[vzjJaf]*", letters) or any(":" in word for word in rest):
        call.deny("tar packs or unpacks")


def listing(call: Call) -> None:
    """Ps with BSD letters: `e` shows every process's environment."""
    for word in call.operands:
        if re.fullmatch(r"[a-zA-Z]+", word) and "e" in word:
            call.deny("ps e shows the environment of processes")


def sleeping(call: Call) -> None:
    """Sleep: for at most some minutes."""
    if any(
        re.fullmatch(r"\d{1,3}(\.\d+)?[sm]?", word) is None or (word.endswith("m") and len(word) > 2) for word in call.operands
    ):
        call.deny("sleeps long, or for a time that is not known")


def copies(call: Call) -> None:
    """Rsync: only what it would do."""
    if not {"-n", "--dry-run"}.intersection(call.options):
        call.deny("rsync copies")
    if any(":" in word for word in call.operands):
        call.deny("reaches another machine")


def filtered(call: Call) -> None:
    """Jq and yq: no look at the environment, no system calls."""
    for word in call.operands[:1]:
        if re.search(r"\benv\b|\$ENV|strenv|envsubst|\bsystem\b|\bload\w*\(|input_filename|@sh\b.*system", word):
            call.deny("looks at the environment or loads files")


def plain_format(call: Call) -> None:
    """Rpm -q: a query format cannot hold macros."""
    for values in call.options.values():
        if any("%(" in value or "lua" in value or "%{!" in value for value in values):
            call.deny("a macro that is not known to be harmless")


def no_reads(call: Call) -> None:
    """Nothing it is given may be an address of another kind of transport."""
    if any("::" in word for word in call.operands):
        call.deny("an address that runs a program")


def numbers_only(call: Call) -> None:
    """Kill -0, -l: only asks."""
    if not {"-0", "-l", "-L"}.intersection(call.options):
        call.deny("sends a signal")


def only_names(call: Call) -> None:
    """Cloud CLIs whose path is groups and then a verb: every group must be known, and the verb one that reads."""
    groups, verbs, secret = _PATHS[call.program]
    path: list[str] = []
    for word in call.operands:
        path.append(word)
        if word in groups:
            continue
        if verbs.fullmatch(word):
            if secret.search(" ".join(path)):
                call.deny("shows secrets")
            return
        break
    call.deny(f"{call.program} {' '.join(map(shown, path))} is not known to be harmless")


def service_call(call: Call) -> None:
    """Aws SERVICE OPERATION: the operation's name says whether it reads."""
    words = call.operands
    if len(words) < 2:
        if words != ["--version"] and "--version" not in call.options:
            call.deny("aws without an operation")
        return
    service, operation = words[:2]
    text = f"{service} {operation}"
    if not (re.fullmatch(r"[a-z0-9-]+", service) and (_AWS_READS.fullmatch(operation) or text in _AWS_OTHERS)):
        call.deny(f"aws {shown(text)} is not known to be harmless")
    elif _AWS_SECRET.search(text) or any(option.startswith(("--with-decrypt", "--include-val")) for option in call.options):
        call.deny("shows secrets")
    elif _AWS_FILE.search(text):
        call.deny("writes what it gets to a file")
    if any("file://" in word or "fileb://" in word for word in _all(call)):
        call.deny("sends a file")


def _all(call: Call) -> Iterable[str]:
    yield from call.operands
    for values in call.options.values():
        yield from values


_AWS_READS = re.compile(
    r"(describe|list|lookup|search|batch-get|batch-describe|head|filter|simulate|validate|estimate|view|query|scan|"
    r"admin-get|admin-list|lookup)(-[a-z0-9-]+)?|get-[a-z0-9-]+"
)
_AWS_OTHERS = frozenset(
    ("s3 ls", "logs start-query", "logs tail", "sts decode-authorization-message", "configure list", "configure list-profiles",
     "rds download-db-log-file-portion", "iam simulate-custom-policy", "cloudtrail validate-logs", "s3 help", "cloudformation validate-template")
)  # fmt: skip
_AWS_SECRET = re.compile(
    r"secret|password|token|credential|get-parameter.*decrypt|login|access-details|get-session|federat|api-keys? |private|"
    r"export|presign|access-key-|kms get-parameters|kubeconfig|(?<!list-)(?<!describe-)key-?pair|get-connection\b|data-key|public-key-none|"
    r"codecommit get-(blob|file)|get-relational-database-master|get-user-data|signing|get-download|url|master-user|random"
)
_AWS_FILE = re.compile(
    r"s3api (get-object(-torrent)?|select-object-content)$|glacier get-job-output|apigateway get-(export|sdk)|iot-data get-thing-shadow|media|"
    r"get-clip|get-snapshot-block|configuration$(?<=appconfig get-configuration)|get-latest-configuration|get-raw-message|"
    r"codeartifact get-package-version-asset|appconfig get-configuration$|get-code-bindings|get-apk|get-geolocation|get-tile|get-glyphs|"
    r"get-sprites|get-static-map|get-map|medialive describe-input-device-thumbnail|omics get-(read|reference)|lex\w* get-export|workdocs get-document-content|"
    r"chime get-attachment|get-workflow-execution-none|kinesis-video|sagemaker-runtime|bedrock-runtime|get-run-artifact|get-asset$|get-file$|schemas get|signer get|"
    r"cloudsearchdomain|get-object$|get-item-none|get-package$|get-model-package-none|get-supported-resource-none|get-intent-none|detector-get"
)

_VERBS = re.compile(r"list|describe|get-iam-policy|get-ancestors-iam-policy|get-health|get-server-config|get-serial-port-output|get-status|"
                    r"get-effective-firewalls|get-nat-mapping-info|get-shielded-identity|get-guest-attributes|read|info|version|list-\w[\w-]*|get-value|lookup|"
                    r"get-operation|test-iam-permissions|describe-\w[\w-]*|get-config|history")  # fmt: skip
_GCLOUD = frozenset(
    ["compute", "instances", "disks", "snapshots", "images", "networks", "subnets", "firewall-rules", "forwarding-rules", "backend-services", "backend-buckets", "health-checks", "http-health-checks", "https-health-checks", "target-pools", "target-http-proxies", "target-https-proxies", "target-tcp-proxies", "target-ssl-proxies", "url-maps", "addresses", "routes", "routers", "regions", "zones", "machine-types", "disk-types", "instance-groups", "instance-templates", "managed", "unmanaged", "operations", "project-info", "reservations", "resource-policies", "ssl-certificates", "ssl-policies", "vpn-tunnels", "vpn-gateways", "target-vpn-gateways", "interconnects", "attachments", "security-policies", "network-endpoint-groups", "sole-tenancy", "node-groups", "commitments", "container", "clusters", "node-pools", "hubs", "memberships", "sql", "databases", "backups", "flags", "tiers", "functions", "run", "services", "revisions", "jobs", "executions", "projects", "organizations", "folders", "iam", "roles", "service-accounts", "pubsub", "topics", "subscriptions", "dns", "managed-zones", "record-sets", "logging", "logs", "sinks", "metrics", "buckets", "views", "monitoring", "policies", "dashboards", "channels", "uptime", "config", "configurations", "auth", "app", "versions", "builds", "triggers", "artifacts", "repositories", "packages", "tags", "docker", "components", "billing", "accounts", "budgets", "redis", "bigtable", "tables", "spanner", "kms", "keyrings", "keys", "locations", "dataflow", "dataproc", "filestore", "memcache", "deployment-manager", "deployments", "types", "endpoints", "scheduler", "tasks", "queues", "secrets", "source", "storage", "objects", "asset", "recommender", "recommendations", "insights", "workflows", "alpha", "beta", "ga", "eventarc", "composer", "environments", "vpc-access", "connectors", "access-context-manager", "network-security", "active-directory", "domains", "certificate-manager", "certificates", "maps", "deploy", "releases", "targets", "delivery-pipelines", "rollouts", "resource-manager", "service-directory", "network-management", "connectivity-tests", "notebooks", "tpus", "tpu-vm", "firestore", "indexes", "fields", "datastore", "data-catalog", "essential-contacts", "feature-flags", "transfer", "agent-pools", "workstations"]
) - {"deploy-none"}  # fmt: skip
_AZ_VERBS = re.compile(r"list|show|list-(?!keys|connection|credential|secret|admin)\w[\w-]*|get-instance-view|get-versions|show-usage|version|check-health|"
                       r"get-upgrades|query|list-usages|browse-none|exists|show-stats|show-health|get-backend-health|show-backend-health|usage-list")  # fmt: skip
_AZ = frozenset(
    ["vm", "vmss", "aks", "acr", "network", "nic", "vnet", "subnet", "nsg", "rule", "public-ip", "lb", "probe", "address-pool", "application-gateway", "traffic-manager", "profile", "endpoint", "dns", "zone", "record-set", "a", "cname", "txt", "mx", "ns", "srv", "ptr", "private-dns", "private-endpoint", "private-link-service", "route-table", "route", "vnet-gateway", "vpn-connection", "express-route", "firewall", "front-door", "watcher", "flow-log", "storage", "account", "container", "blob", "share", "queue", "table", "fs", "file", "group", "resource", "account", "deployment", "operation", "sub", "subscription", "monitor", "metrics", "alert", "activity-log", "log-analytics", "workspace", "diagnostic-settings", "action-group", "autoscale", "sql", "server", "db", "elastic-pool", "mi", "postgres", "mysql", "flexible-server", "cosmosdb", "redis", "functionapp", "webapp", "appservice", "plan", "slot", "deployment-slot", "keyvault", "key", "certificate", "secret", "ad", "user", "app", "sp", "signed-in-user", "role", "assignment", "definition", "policy", "state", "disk", "snapshot", "image", "sig", "image-definition", "image-version", "gallery-application", "identity", "eventhubs", "namespace", "eventhub", "servicebus", "topic", "queue", "subscription", "iot", "hub", "apim", "backup", "vault", "job", "item", "recoverypoint", "container", "container-app", "containerapp", "revision", "replica", "batch", "pool", "advisor", "recommendation", "consumption", "usage", "budget", "cdn", "provider", "feature", "lock", "tag", "configuration", "repository", "nodepool", "node-pool", "machine", "addon", "extension", "extension-instance", "encryption", "run-command-none", "availability-set", "ppg", "host", "maintenance", "update-none", "graph", "quota", "support", "tickets", "health", "reservations", "managed-cluster", "aro", "hdinsight", "databricks", "synapse", "search", "service", "signalr", "appconfig", "kv-none", "stack", "ts", "bastion", "nat", "gateway", "ddos-protection", "management-group", "entities", "bicep", "cloud", "version", "cluster"]
)  # fmt: skip
_SECRET_PATH = re.compile(r"print-\w*-token|versions access|credentials?|\bkeys? (list|show)|secret (show|download|list-deleted)|secrets versions|keyvault secret|"
                          r"ssh-keys|appconfig kv|connection-string|publishing|config-ssh|(functionapp|webapp) (config|deployment)|iam service-accounts keys")  # fmt: skip
_PATHS = {"gcloud": (_GCLOUD, _VERBS, _SECRET_PATH), "az": (_AZ, _AZ_VERBS, _SECRET_PATH)}


def refs(call: Call) -> None:
    """Git branch, tag, remote: a name makes one; a listing option makes it a pattern."""
    listing_options = {"-l", "--list", "-a", "-r", "-v", "-vv", "--contains", "--merged", "--no-merged", "--points-at", "--all",
                       "--remotes", "--verbose", "--show-current", "--sort", "--format"}  # fmt: skip
    listed = {"-l", "--list", "--contains", "--merged", "--no-merged", "--points-at"}
    if call.operands and listed.isdisjoint(call.options):
        call.deny(f"git {' '.join(call.path)} NAME makes one")
    if not set(call.options) <= listing_options | {"-n", "--no-color", "--color", "--column", "-i", "--ignore-case"}:
        call.deny(f"git {' '.join(call.path)} with an option that is not known to be harmless")


def setting(call: Call) -> None:
    """Git config: shows with --get or --list."""
    if not {"--get", "--get-all", "--get-regexp", "--list", "-l", "--get-urlmatch"}.intersection(call.options):
        call.deny("git config sets")


def python(call: Call) -> None:
    """Python: its version, or json.tool, which with a second operand writes."""
    if _values(call, "-m") == ["json.tool"]:
        if len(call.operands) > 1:
            call.deny("writes to a file")
    elif not {"-V", "--version"}.intersection(call.options) or call.operands:
        call.deny(f"{call.program} runs code")


def queried(call: Call) -> None:
    """Promtool, amtool: nothing more to look at; kept for places given as options."""
    if any("://" in word and not word.startswith(("http://", "https://")) for word in call.operands):
        call.deny("not a web address")


def released(call: Call) -> None:
    """Ansible: a module that only asks, a command judged as on each host."""
    module = _values(call, "-m", "--module-name")
    arguments = _values(call, "-a", "--args")
    if module in (["ping"], ["setup"]) and not arguments:
        return
    if module in (["command"], ["shell"], []) and arguments:
        call.judge.code(arguments[-1], call.piece)
    else:
        call.deny("ansible runs a module that is not known to be harmless")


def named(call: Call) -> None:
    """Command -v NAME only looks it up; command NAME runs it."""
    if not {"-v", "-V"}.intersection(call.options):
        _wrapped(call, call.rest)


def served(call: Call) -> None:
    """Service NAME status."""
    if "--status-all" in call.options and not call.operands:
        return
    if len(call.operands) != 2 or call.operands[1] != "status" or not re.fullmatch(r"[\w@.:-]+", call.operands[0]):
        call.deny("service with anything but status")


def asked(call: Call) -> None:
    """Ceph daemon NAME COMMAND, ceph tell NAME COMMAND."""
    if not _CEPH_ASKS.match(" ".join(call.operands[1:])):
        call.deny(f"ceph {' '.join(call.path)} with a command that is not known to be harmless")


_CEPH_ASKS = re.compile(
    r"(dump_\w+|perf (dump|schema|histogram dump)|status|version|mon_status|quorum_status|sync_status|config (show|get \w+|diff)|session ls|"
    r"client ls|ops|get_\w*(info|status|stats|state|command_descriptions)\w*|list_\w+|help|cache status|damage ls|scrub status|objecter_requests|"
    r"bluestore (allocator (dump|score|fragmentation) \w+|bluefs \w*stats?\w*)|bluefs stats|heap stats|df|osd df|calc_objectstore_db_histogram)( [\w.-]+)*$"
)


def router(call: Call) -> None:
    """Vtysh -c 'show ...'."""
    if not all(re.fullmatch(r"show [\w ./:-]+", value) for value in _values(call, "-c")):
        call.deny("vtysh with anything but show")


def salted(call: Call) -> None:
    """Salt TARGET MODULE.FUNCTION."""
    function, *arguments = call.operands[1:]
    if function == "cmd.run" and len(arguments) == 1:
        call.judge.code(arguments[0], call.piece)
    elif not re.fullmatch(r"test\.(ping|version)|grains\.(items?|get|ls)|status\.\w+|disk\.\w*usage|service\.(status|get_all)|pkg\.(version|list_pkgs)|"
                          r"network\.(interfaces|ip_addrs|netstat)|saltutil\.(running|is_running)", function):  # fmt: skip
        call.deny("salt runs a function that is not known to be harmless")


HANDLERS: dict[str, Handler] = {
    "shell": shell, "evaluate": evaluate, "env": env, "sudo": sudo, "within": within, "timed": timed, "watched": watched, "xargs": xargs,
    "remote": remote, "each_node": each_node, "find": find, "awk": awk_, "sed": sed_, "query": query, "sqlite": sqlite, "mongo": mongo,
    "redis": redis, "fetch": fetch, "connect": connect, "probe": probe, "keyless": keyless, "look": look, "kube_exec": kube_exec,
    "etcd_get": etcd_get, "interval": interval, "naming": naming, "kernel": kernel, "nowhere": nowhere, "devices": devices,
    "bundled": bundled, "listing": listing, "sleeping": sleeping, "copies": copies, "filtered": filtered, "plain_format": plain_format,
    "no_reads": no_reads, "numbers_only": numbers_only, "only_names": only_names, "service_call": service_call, "refs": refs,
    "setting": setting, "python": python, "queried": queried, "released": released, "named": named, "served": served, "asked": asked, "streamed": streamed, "router": router, "salted": salted,
}  # fmt: skip
