"""What cannot be undone, or stops service: told apart from what merely changes; nothing here makes a command harmless."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gate.risk.words import names

_PROGRAMS = names(
    """
    rm rmdir unlink shred srm wipe wipefs blkdiscard truncate fdisk sfdisk cfdisk gdisk sgdisk parted mkswap mke2fs badblocks
    shutdown reboot poweroff halt telinit userdel deluser groupdel delgroup lvremove vgremove pvremove lvreduce zerofree
    dropdb dropuser pg_resetwal pg_dropcluster reset-failed ipvsadm crontab-r hdparm cryptsetup dban sdelete cipher diskpart
    format del erase rd vssadmin killall5 swapoff nvme-format
    """
)
# program, and what in its text destroys; a blank stands before each word
_TABLE = r"""
mkfs.*|newfs.* :
dd : .*\bof=
git : push .*(--force|--mirror|--delete|--prune| -\w*[fd]\b| [+:]\S)
git : reset .*--hard| clean| branch .*(-D|--delete)| restore | stash (drop|clear)
git : checkout .*-- | checkout .*(-f|--force| \.( |$))
git : reflog (expire|delete)| update-ref .*-d| gc .*--prune| filter-branch| filter-repo| rebase
git : worktree remove| tag .*-d| remote rm
kubectl|oc|k3s|microk8s : scale .*--replicas[= ]0\b| replace .*--force| rollout undo| (adm )?drain| taint .*NoExecute
kill|pkill|killall : (-9|-KILL|-SIGKILL|-s \w*KILL)\b
systemctl|service : .*\b(stop|disable|mask|kill|poweroff|reboot|halt|isolate|emergency|rescue|kexec)\b
init : [06]\b
rsync : .*--(delete|remove-source)
find : .* -delete\b
chmod|chown|chgrp : (-R|--recursive|\S*-R)
mv|cp : .* /dev/(null|sd|nvme|vd)
tee|cat : .* /dev/(sd|nvme|vd|mem)
iptables|ip6tables|nft : .*( -F| -X|--flush| flush|-D|delete)\b
terraform|tofu|terragrunt|pulumi|cdk : .*(\b(destroy|taint)\b|-destroy|state (rm|push)|workspace delete)
docker|podman|nerdctl|docker-compose : .*\b(down|prune|rm|rmi|kill|stop)\b
crictl : (rm|rmi|rmp|stop|stopp)\b
redis-cli|valkey-cli : (?i:.*\b(flushall|flushdb|del|unlink|shutdown|debug|script flush|cluster reset)\b)
psql|mysql|mariadb|sqlite3|gitlab-psql|clickhouse-client|cqlsh|sqlcmd|duckdb : (?i:.*\b(drop|truncate|delete\s+from)\s)
psql|mysql|mariadb|sqlite3|gitlab-psql : (?i:.*\b(alter\s+table\s.*\sdrop|update\s+\w+\s+set(?!.*where)))
mongo|mongosh : .*(drop\w*|delete\w*|remove)\(
mongorestore|pg_restore : .*(--drop|--clean|-c\b)
helm : .*\b(uninstall|delete|rollback|del)\b
etcdctl : .*\b(del|compact|member remove|snapshot restore|user delete|role delete)\b
ceph|rbd|rados|radosgw-admin : .*\b(purge\S*|rm|rmsnap|destroy|delete|zap|remove|cppool|out|down|stop|fail)\b
zpool|zfs|btrfs|lvm|mdadm : .*(\b(destroy|rollback|labelclear|delete)\b|--zero-superblock|--stop| -S\b)
vault : .*\b((secrets|auth|audit) disable|delete|destroy|seal|revoke)\b
aws : s3 (rm|rb|sync|mv)\b
kafka-topics\S*|rabbitmqctl|kafka-\S+ : .*(--delete|\b(delete_\w+|purge_queue|reset|force_reset|stop_app)\b)
apt|apt-get|yum|dnf|zypper|snap|pip|npm : .*\b(remove|purge|autoremove|erase|uninstall|rm)\b
crontab : -r\b
gh : .*\bdelete\b
chef-server-ctl|knife|nomad|consul : .*\b(delete|purge|leave|force-leave|stop)\b
"""


def _patterns() -> Iterator[tuple[re.Pattern[str], re.Pattern[str]]]:
    for line in _TABLE.strip().splitlines():
        program, _, text = line.partition(" :")
        yield re.compile(program), re.compile(text)


_PATTERNS = tuple(_patterns())
_VERBED = re.compile(
    r"aws|gcloud|gsutil|az|kubectl|oc|docker|podman|nerdctl|crictl|ctr|virsh|virtctl|openstack|doctl|eksctl|flyctl|heroku|linode-cli|"
    r"oci|ibmcloud|hcloud|knife|consul|nomad|vault|gh|glab|lxc|incus|ceph|rbd|etcdctl|mc|rclone|s3cmd|redis-cli|kafka-\S+|lvm|nmcli|"
    r"multipass|vagrant|salt|pct|qm|pvesm|kops|kind|minikube|argocd|velero|istioctl|ipset|dscl|diskutil|manage\.py|mix|rails|rake"
)


def found(name: str, words: list[str]) -> str | None:
    """Why a command that is not known to be harmless is destructive, or None."""
    if name in _PROGRAMS:
        return f"{name} destroys or stops"
    text = " ".join(words[:60])
    for program, pattern in _PATTERNS:
        if program.fullmatch(name) and pattern.search(text):
            return f"what {name} is told to do cannot be undone or stops service"
    if _VERBED.fullmatch(name) and (verb := next((word for word in words[1:8] if _VERB.match(word.lower())), None)):
        return f"{name} … {verb} cannot be undone or stops service"
    return None


_VERB = re.compile(
    r"(batch-)?(delete|destroy|terminate|remove|rm|rmi|rmdir|purge|prune|drop|wipe|erase|flush|drain|uninstall|nuke|revoke|deregister|"
    r"schedule-key-deletion|kill|zap|reset|shutdown|poweroff|reboot|halt)(-|$|\w*all$|db$)"
)
