"""Places where secrets and people's own files are kept: reading them is never free of risk."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

from gate.risk.assessment import Findings

# in lower case; every alternative begins with a plain character, so that the search is quick
_SECRET = re.compile(
    r"[/,{]g?shadow\b|/shadow-|/sudoers|master\.passwd|/security/opasswd|passwd-s|password|"
    r"/\.ssh/(?!known_hosts|config\b)|id_(rsa|dsa|ecdsa|ed25519)\b(?!\.pub)|authorized_keys|ssh_host_\w+_key\b(?!\.pub)|"
    r"[\w\\*})]\.(pem|key|pfx|p12|jks|keystore|ppk|kdbx|kirbi|ccache|keytab)\b(?!\.pub)|krb5cc|"
    r"\.aws/|\.azure/|gcloud/(credentials|access_tokens|legacy)|application_default_credentials|\.boto\b|\.s3cfg|"
    r"\.kube/|kubeconfig|admin\.conf\b|kubelet/pki|kubernetes/pki|serviceaccount/token|secrets/kubernetes\.io|/run/secrets|"
    r"\.docker/config\.json|\.netrc|\.pgpass|\.my\.cnf|\.git-credentials|\.npmrc|\.pypirc|\.vault-token|\.gnupg|\.htpasswd|"
    r"\.env\b|credentials?(\.\w+)?$|/secrets?(\.|/|$)|secrets\.(ya?ml|json)|vault\.(ya?ml|json)|/environ\b|"
    r"/proc/k(core|mem)|/dev/k?mem\b|/proc/(\d+|self|\*|\[\w-\w\]\*)/(mem|fd/|root/)|/proc/\S{0,20}\*\S{0,20}environ|"
    r"/\.\w*_?history\b|~?\.(bash|zsh|mysql|psql|python)_history|ntds\.dit|/config/(sam|system|security)\b|lsass|"
    r"security-credentials|169\.254\.169\.254|metadata\.google|metadata/identity|fd00:ec2|"
    r"pg_(shadow|authid)|mysql\.user|/(desktop|documents|downloads|music|pictures|videos|movies|library)(/|$)|"
    r"wp-config\.php|/etc/ssl/private|/private/|private[-_.]?key|rndc\.key|wg\d+\.conf|wireguard/|ipsec\.secrets|chap-secrets|"
    r"terraform\.tfstate|/\.password-store|/keyrings?/|logins\.json|cookies\.sqlite|/mail/|/spool/(cron|mail)|"
    r"var/lib/kubelet/pods|/api/v1/(namespaces/[^/]+/)?secrets"
)
_TEMPTING = ("/etc/shadow", "/etc/gshadow", "/etc/sudoers", "/root/.ssh/id_rsa", "/home/a/.ssh/id_rsa", "/root/.aws/credentials",
             "/proc/1/environ", "/proc/self/environ", "/etc/kubernetes/admin.conf", "/root/.bash_history")  # fmt: skip
_PUBLIC = re.compile(r"[\w./*?-]*\.(pem|crt|cer|key\.pub)")
_GLOB = re.compile(r"[*?\[]")


def check(words: Iterable[str], findings: Findings, piece: str) -> None:
    """Note words that name such a place, also by a glob that would match one."""
    for word in words:
        if (found := _SECRET.search(word.lower())) and not _harmless(word):
            findings.changing(f"{found[0]} may hold secrets or somebody's own files", piece)
        elif "/" in word and _GLOB.search(word) and _tempting(word):
            findings.changing("the pattern matches files that hold secrets", piece)


def _tempting(pattern: str) -> bool:
    return any(place.count("/") == pattern.count("/") and fnmatchcase(place, pattern) for place in _TEMPTING)


def _harmless(word: str) -> bool:
    """A certificate is public by its nature; a `.pem` may be one, or a key, and is told by its name."""
    return (
        _PUBLIC.fullmatch(word) is not None
        and re.search(r"cert|chain|ca[-_.]|[-_/]ca\b|bundle|root|\.crt|\.cer|pub", word, re.IGNORECASE) is not None
        and re.search(r"key(?!\.pub)|priv|secret", word, re.IGNORECASE) is None
    )
