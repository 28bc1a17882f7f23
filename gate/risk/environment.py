"""Variables that steer programs. Assigned in front of a command, or exported, only those listed here are harmless."""

from __future__ import annotations

import re

_STEERS = re.compile(
    r"PATH|IFS|ENV|SHELLOPTS|BASHOPTS|SHELL|HOME|TERM\w*|CDPATH|GLOBIGNORE|VISUAL|BROWSER|PS[0-4]|TMPDIR|"
    r"(BASH|LD|DYLD|GIT|SSH|PYTHON|PERL|RUBY|NODE|NPM|GEM|BUNDLE|JAVA|JDK|MAVEN|GRADLE|GO|RUST|CARGO|PHP|LUA|R|GCONV|GLIBC|MALLOC|"
    r"LESS|MAN|SYSTEMD|KUBE|DOCKER|CLOUDSDK|AWS|AZURE|PROMPT|XDG|TAR|ZIP|GZIP|RSYNC|PG|MYSQL|REDIS|ANSIBLE|TF|HELM|VAULT)_\w+|"
    r"_?JAVA_\w*|RUBYOPT|RUBYLIB|PERL5\w*|PYTHON\w+|NODE\w*|LESS\w*|MANPATH|KUBECONFIG|PSQLRC|SQLITE\w*|FACTER\w*|GCC\w*|CC|CXX|"
    r"\w*(PAGER|EDITOR|COMMAND|OPTIONS|PRELOAD|_OPTS|_RSH|_SHELL|PROXY|proxy|ASKPASS|_CONFIG|CONFIG_FILE|HOOK|PLUGIN\w*|LIB|PATH)"
)
_HARMLESS = re.compile(
    r"LC_\w+|LANG|LANGUAGE|TZ|COLUMNS|LINES|NO_COLOR|CLICOLOR|SYSTEMD_COLORS|SYSTEMD_LESS|HISTTIMEFORMAT|POSIXLY_CORRECT|IFS|"
    r"ETCDCTL_(API|ENDPOINTS|CACERT|CERT|KEY)|PG(HOST|PORT|USER|DATABASE|PASSWORD|CONNECT_TIMEOUT|OPTIONS_NONE)|MYSQL_PWD|"
    r"AWS_(PROFILE|REGION|DEFAULT_REGION|DEFAULT_OUTPUT|MAX_ATTEMPTS)|CLOUDSDK_CORE_PROJECT|"
    r"(CONSUL_HTTP|VAULT|NOMAD)_(ADDR|NAMESPACE|REGION)|REDISCLI_AUTH|BLOCKSIZE|BLOCK_SIZE|TIME_STYLE|LS_COLORS|GREP_COLORS?"
)


def steers(name: str) -> bool:
    """Whether assigning the variable may change which code a later program runs, or where it sends data."""
    return _STEERS.fullmatch(name) is not None and _HARMLESS.fullmatch(name) is None


def harmless(name: str) -> bool:
    """Whether a program may be given this variable: it only selects, formats or names a place to read from."""
    return _HARMLESS.fullmatch(name) is not None
