"""What cannot be undone, or stops service: only to tell it apart from what merely changes; nothing here makes a command harmless."""

from __future__ import annotations

import re

from gate.risk.forms import destroys
from gate.risk.words import names, shown

_PROGRAMS = names(
    """
    rm rmdir unlink shred srm wipe wipefs blkdiscard truncate fdisk sfdisk cfdisk gdisk sgdisk parted mkswap mke2fs badblocks
    shutdown reboot poweroff halt telinit userdel deluser groupdel delgroup lvremove vgremove pvremove lvreduce zerofree
    dropdb dropuser pg_resetwal pg_dropcluster reset-failed ipvsadm crontab-r hdparm cryptsetup dban sdelete cipher diskpart
    format del erase rd vssadmin killall5 swapoff nvme-format
    """
)
_PATTERNS = tuple(
    (re.compile(program), re.compile(text))
    for program, text in (
        (r"mkfs.*|newfs.*", r""),
        (r"dd", r"(^| )of="),
        (r"git", r" push .*(--force|--mirror|--delete|--prune| -\w*[fd]\b| [+:]\S)| reset .*--hard| clean| branch .*-D| checkout .*-- | "
                 r"checkout .*(-f|--force| \.( |$))| restore | stash (drop|clear)| reflog (expire|delete)| update-ref .*-d| gc .*--prune|"
                 r" filter-branch| filter-repo| rebase| worktree remove| tag .*-d| remote (remove|rm)"),
        (r"kubectl|oc|k3s|microk8s", r" scale .*--replicas[= ]0\b| replace .*--force| rollout undo| (adm )?drain| taint .*NoExecute"),
        (r"kill|pkill|killall", r" (-9|-KILL|-SIGKILL|-s \w*KILL)\b"),
        (r"systemctl|service", r" (stop|disable|mask|kill|poweroff|reboot|halt|isolate|emergency|rescue|kexec)\b"),
        (r"init", r" [06]\b"),
        (r"rsync", r" --(delete|remove-source)"),
        (r"find", r" -delete\b"),
        (r"chmod|chown|chgrp", r" (-R|--recursive|\S*-R)"),
        (r"mv|cp", r" /dev/(null|sd|nvme|vd)"),
        (r"tee|cat", r" /dev/(sd|nvme|vd|mem)"),
        (r"iptables|ip6tables|nft", r" (-F|-X|--flush|flush|delete)\b"),
        (r"terraform|tofu|terragrunt|pulumi|cdk", r"\b(destroy|taint)\b|-destroy|state (rm|push)|workspace delete"),
        (r"docker|podman|nerdctl|docker-compose", r" (down|prune|rm|rmi|kill|stop)\b"),
        (r"crictl", r" (rm|rmi|rmp|stop|stopp)\b"),
        (r"redis-cli|valkey-cli", r"(?i) (flushall|flushdb|del|unlink|shutdown|debug|script flush|cluster reset)\b"),
        (r"psql|mysql|mariadb|sqlite3|gitlab-psql|clickhouse-client|cqlsh|sqlcmd|duckdb",
         r"(?i)\b(drop\s|truncate\s|delete\s+from|alter\s+table\s.*\sdrop|update\s+\w+\s+set(?!.*where))"),
        (r"mongo|mongosh", r"(drop\w*|delete\w*|remove)\("),
        (r"mongorestore|pg_restore", r"--drop|--clean|-c\b"),
        (r"helm", r" (uninstall|delete|rollback|del)\b"),
        (r"etcdctl", r" (del|compact|member remove|snapshot restore|user delete|role delete)\b"),
        (r"ceph|rbd|rados|radosgw-admin", r" (purge\S*|rm|rmsnap|destroy|delete|zap|remove|cppool|out|down|stop|fail)\b"),
        (r"zpool|zfs|btrfs|lvm|mdadm", r" (destroy|rollback|labelclear|delete|--zero-superblock|--stop|-S)\b"),
        (r"vault", r" (secrets|auth|audit) disable\b| (delete|destroy|seal|revoke)\b| kv (delete|destroy|metadata delete)\b"),
        (r"aws", r" (s3 (rm|rb)\b|s3 (sync|mv) )"),
        (r"kafka-topics\S*|rabbitmqctl|kafka-\S+", r"--delete|\b(delete_\w+|purge_queue|reset|force_reset|stop_app)\b"),
        (r"apt|apt-get|yum|dnf|zypper|snap|pip|npm", r" (remove|purge|autoremove|erase|uninstall|rm)\b"),
        (r"crontab", r" -r\b"),
        (r"gh", r" (repo|release|run|cache|secret) delete\b"),
        (r"chef-server-ctl|knife|nomad|consul", r" (delete|purge|leave|force-leave|stop)\b"),
    )
)  # fmt: skip
_VERBED = re.compile(r"aws|gcloud|gsutil|az|kubectl|oc|docker|podman|nerdctl|crictl|ctr|virsh|virtctl|openstack|doctl|eksctl|flyctl|heroku|"
                     r"linode-cli|oci|ibmcloud|hcloud|knife|consul|nomad|vault|gh|glab|lxc|incus|ceph|rbd|etcdctl|mc|rclone|s3cmd|"
                     r"redis-cli|kafka-\S+|lvm|nmcli|multipass|vagrant|salt|pct|qm|pvesm|kops|kind|minikube|argocd|velero|istioctl|"
                     r"ipset|dscl|diskutil|manage\.py|mix|rails|rake")  # fmt: skip


def found(name: str, words: list[str]) -> str | None:
    """Why a command that is not known to be harmless is destructive, or None."""
    if name in _PROGRAMS:
        return f"{name} destroys or stops"
    text = " ".join(words[:60])
    for program, pattern in _PATTERNS:
        if program.fullmatch(name) and (match := pattern.search(text)):
            return f"{name}{shown(match[0]) or ' destroys'} cannot be undone or stops service"
    if _VERBED.fullmatch(name) and (verb := destroys(words[1:6])):
        return f"{name} … {verb} cannot be undone or stops service"
    return None
