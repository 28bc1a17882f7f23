"""Databases: the statements they are given."""

from __future__ import annotations

import re

from gate.risk.forms import Call, Handler
from gate.risk.languages import sql
from gate.risk.words import names, shown, unknown


def query(call: Call) -> None:
    """Psql -c, mysql -e: every statement must be one that reads; without one it reads statements from its input."""
    texts = call.values("-c", "--command", "-e", "--execute", "-q", "--query")
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
    texts = call.values("--eval")
    for text in texts:
        if not _MONGO.fullmatch(text.strip().rstrip(";")):
            call.deny("a mongo expression that is not known to be harmless")
    if not texts or any(word.endswith((".js", ".mjs")) or unknown(word) for word in call.operands):
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
    names(
        """
        ping info get mget strlen getrange exists keys scan ttl pttl type dbsize llen lrange lindex hget hmget hgetall hkeys hvals
        hlen hexists hscan hstrlen scard smembers sismember smismember srandmember sscan sinter sunion sdiff zcard zcount zrange
        zrangebyscore zrevrange zrevrangebyscore zrank zrevrank zscore zmscore zscan zlexcount xlen xrange xrevrange xpending
        bitcount getbit bitpos pfcount lastsave time role randomkey dump echo geopos geodist geohash expiretime pexpiretime lolwut
        """
    ),
    "",
) | {
    "config": "get",
    "slowlog": "get len help",
    "client": "list info getname id getredir help",
    "latency": "latest history doctor graph help histogram",
    "cluster": "info nodes slots shards myid keyslot countkeysinslot getkeysinslot slaves replicas links help",
    "memory": "usage stats doctor malloc-stats help",
    "object": "encoding freq idletime refcount help",
    "command": "count info docs list getkeys",
    "sentinel": "masters master replicas slaves sentinels get-master-addr-by-name ckquorum myid info-cache",
    "acl": "whoami cat",
    "pubsub": "channels numsub numpat",
    "xinfo": "stream groups consumers help",
    "module": "list",
    "script": "exists",
    "function": "stats",
}


def etcd_get(call: Call) -> None:
    """Etcdctl get: keys, not values, which may be secrets."""
    if not {"--keys-only", "--count-only"}.intersection(call.options):
        call.deny("shows values, secrets among them")


HANDLERS: dict[str, Handler] = {
    "query": query,
    "sqlite": sqlite,
    "mongo": mongo,
    "redis": redis,
    "etcd_get": etcd_get,
}
