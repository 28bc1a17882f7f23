"""cmd.exe: a few whole commands that show something; any operator, path, variable or network name is not known to be harmless."""

from __future__ import annotations

import re

from gate.risk.assessment import Class, Findings

_NAME = r"[A-Za-z0-9_.-]+"
_READS = re.compile(
    rf"""(?:[A-Z]:\\Windows\\System32\\)?(?:
    dir(\s+/[abdlnopqrstwx4:-]+)*(\s+[A-Z]:[\\\w. -]*)?
    | ver | vol | hostname(\.exe)? | systeminfo(\.exe)? | getmac(\.exe)?(\s+/v)? | time\s+/t | date\s+/t | chkntfs\s+[A-Z]:
    | whoami(\.exe)?(\s+/(user|groups|priv|all|logonid))* | echo\s+[\w .,:-]+
    | ipconfig(\.exe)?(\s+/(all|displaydns|allcompartments))? | driverquery(\.exe)?(\s+/(v|si))?
    | tasklist(\.exe)?(\s+/(v|svc|m))?(\s+/fo\s+(csv|list|table))?
    | netstat(\.exe)?(\s+-[abefnopqrst]+)?(\s+-p\s+(tcp|udp|tcpv6|udpv6))?
    | arp(\.exe)?\s+-a | route(\.exe)?\s+print | nbtstat(\.exe)?\s+-[ncrsS]
    | ping(\.exe)?(\s+(-4|-6|-a))*(\s+-n\s+\d{{1,3}})?\s+{_NAME} | tracert(\.exe)?(\s+-d)?\s+{_NAME}
    | pathping(\.exe)?(\s+-n)?\s+{_NAME} | nslookup(\.exe)?\s+{_NAME}(\s+{_NAME})?
    | sc(\.exe)?\s+(query|queryex|qc|qdescription|qfailure)(\s+{_NAME})?
    | schtasks(\.exe)?\s+/query(\s+/fo\s+(csv|list|table))?(\s+/v)?
    | net\s+(start|share|(statistics|config)\s+(server|workstation)) | wevtutil(\.exe)?\s+(el|gli\s+{_NAME})
    | w32tm(\.exe)?\s+/query\s+/(status|source|peers|configuration) | powercfg(\.exe)?\s+/(list|l|getactivescheme|a)
    | netsh(\.exe)?\s+(interface\s+(ip|ipv4|ipv6)\s+show\s+\w+|advfirewall\s+show\s+\w+|winhttp\s+show\s+proxy)
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_DESTROYS = re.compile(
    r"(^|[&|(\s\"])(del|erase|rd|rmdir|format|diskpart|cipher\s+/w|vssadmin\s+delete|wbadmin\s+delete|bcdedit|shutdown|taskkill|"
    r"fsutil\s+usn\s+deletejournal|reg\s+delete|net\s+user\s+\S+\s+/delete|sc\s+(delete|stop)|wevtutil\s+cl)\b",
    re.IGNORECASE,
)


def walk(source: str, findings: Findings) -> None:
    """Note in `findings` that a line is not one of the few known to be harmless."""
    if found := _DESTROYS.search(source):
        findings.add(Class.DESTRUCTIVE, f"{found[2]} destroys or stops", source)
    elif not _READS.fullmatch(source):
        findings.changing("not known to be harmless in cmd.exe", source)
