"""PowerShell: the syntax tree is walked; node types, cmdlets and parameters that are not listed are not known to be harmless."""

from __future__ import annotations

import re

import tree_sitter_powershell
from tree_sitter import Language, Node, Parser

from gate.risk import cmd, commands, secrets
from gate.risk.assessment import Class, Findings
from gate.risk.words import names

_LANGUAGE = Language(tree_sitter_powershell.language())
_MOST_NODES = 3_000


def walk(source: str, findings: Findings) -> None:
    """Note in `findings` whatever is not known to be harmless."""
    raw = source.encode()
    root = Parser(_LANGUAGE).parse(raw).root_node
    if root.has_error:  # the grammar does not know a space after a comma, which PowerShell does not care about
        raw = _COMMA.sub(r"\1,", source).encode()
        root = Parser(_LANGUAGE).parse(raw).root_node
    nodes = [root]
    for _ in range(_MOST_NODES):
        if not nodes:
            return
        node = nodes.pop()
        kind = node.type
        if kind == "ERROR" or (node.is_missing and kind != " "):
            findings.add(Class.UNPARSED, "not understood as PowerShell", _slice(raw, node))
        elif kind not in _HARMLESS:
            findings.changing(f"{kind.replace('_', ' ')} is not known to be harmless", _slice(raw, node))
        if kind == "command":
            _command(raw, node, findings)
        elif check := _CHECKS.get(kind):
            text = _slice(raw, node)
            if not check.fullmatch(text):
                findings.changing(f"{kind.replace('_', ' ')} that is not known to be harmless", text)
        nodes += reversed(node.named_children)
    findings.add(Class.UNPARSED, "too long to follow", source)


def _slice(raw: bytes, node: Node) -> str:
    return raw[node.start_byte : node.end_byte].decode(errors="replace")


def _command(raw: bytes, node: Node, findings: Findings) -> None:
    piece = _slice(raw, node)
    name_node = node.child_by_field_name("command_name")
    if name_node is None or name_node.type != "command_name" or node.children[0].type == "command_invokation_operator":
        findings.changing("runs what is only known when it runs", piece)
        return
    name = _slice(raw, name_node).lower()
    name = _ALIASES.get(name, name)
    elements = node.child_by_field_name("command_elements")
    parts = [part for part in elements.named_children if part.type != "command_argument_sep"] if elements else []
    texts = [_slice(raw, part) for part in parts]
    secrets.check((text.replace("\\", "/") for text in texts), findings, piece)
    if name in _PROGRAMS:
        if all(_PLAIN.fullmatch(text) for text in texts):
            commands.judge([name, *texts], _Outside(findings), piece)
        else:
            findings.changing(f"{name} with arguments that are not plain", piece)
    elif not _CMDLETS.fullmatch(name) or _SECRET.search(name):
        if _DESTROYS.match(name):
            findings.destructive(f"{name} destroys or stops", piece)
        elif re.fullmatch(r"[\w.]+", name) and "-" not in name and all(part.type == "generic_token" for part in parts):
            cmd.walk(piece, findings)
        else:
            findings.changing(f"{name} is not known to be harmless", piece)
    else:
        _arguments(name, parts, texts, findings, piece)


def _arguments(name: str, parts: list[Node], texts: list[str], findings: Findings, piece: str) -> None:
    for part, text in zip(parts, texts, strict=True):
        if part.type == "command_parameter":
            parameter = text.rstrip(":").lower()
            if parameter not in _PARAMETERS and not (name == "where-object" and parameter in _COMPARISONS):
                findings.changing(f"{name}: parameter {text} is not known to be harmless", piece)
        elif part.type == "generic_token":
            if text.lower().startswith(("env:", "variable:", "cert:", "hklm:/sam", "function:")):
                findings.changing("shows the environment", piece)
            if name == "foreach-object":
                findings.changing("calls a method", piece)


class _Outside:
    """What commands.judge needs to know of a program that is started from PowerShell: nothing nests."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.piped: str | None = "unknown"
        self.fed: str | None = "unknown"

    def command(self, words: list[str], piece: str) -> None:
        self.findings.changing("a command in a command", piece)

    def code(self, text: str, piece: str) -> None:
        self.findings.changing("a command in a command", piece)


_HARMLESS = names(
    """
    program statement_list pipeline pipeline_chain command command_name command_elements command_argument_sep
    command_parameter generic_token empty_statement comment array_literal_expression unary_expression logical_expression
    bitwise_expression comparison_expression additive_expression multiplicative_expression format_expression range_expression
    format_operator comparison_operator expression_with_unary_operator member_access member_name simple_name variable
    string_literal verbatim_string_characters expandable_string_literal integer_literal decimal_integer_literal
    hexadecimal_integer_literal real_literal script_block_expression script_block script_block_body hash_literal_expression
    hash_literal_body hash_entry key_expression parenthesized_expression sub_expression array_expression element_access
    if_statement elseif_clauses elseif_clause else_clause statement_block foreach_statement assignment_expression
    left_assignment_expression assignement_operator redirection file_redirection_operator redirected_file_name
    merging_redirection_operator braced_variable
    """
)
_VARIABLE = re.compile(
    r"\$(_|\?|[a-z]\w*|\{[a-z]\w*\}|env:(computername|username|userdomain|os|path|processor_\w+|number_of_processors|systemroot|temp))",
    re.IGNORECASE,
)
_CHECKS = {
    "variable": _VARIABLE,
    "braced_variable": _VARIABLE,
    "generic_token": re.compile(r"(?!\\\\|//)[\w.:\\/*?,=%+~-]+|[2-6*]>\$null|2>&1"),
    "string_literal": re.compile(r"(?!.{0,2}(\\\\|//)).*", re.DOTALL),
    "redirection": re.compile(r"[2-6*]?>\s*\$null|2>&1"),
    "left_assignment_expression": re.compile(
        r"\$(?!(ps|profile|executioncontext|shellid|ofs|outputencoding|home|pshome|host|input|args|error|env)\b|ps\w+|\w*preference)[a-z]\w*",
        re.IGNORECASE,
    ),
}
_COMMA = re.compile(r"([\w*'\"]),[ \t]+(?=[\w*'\"@])")
_PLAIN = re.compile(r"[\w.:/=,@+-]+|'[\w.:/=,@+ {}\[\]*?-]*'|\"[\w.:/=,@+ -]*\"")
_PROGRAMS = frozenset(("kubectl", "oc", "docker", "podman", "aws", "az", "gcloud", "helm", "git"))
_CMDLETS = re.compile(
    r"get-[a-z]\w*|test-(path|connection|netconnection|wsman|computersecurechannel)|measure-(object|command)|select-(object|string|xml)|"
    r"where-object|foreach-object|format-(table|list|wide|custom|hex)|sort-object|group-object|compare-object|get-unique|"
    r"convertto-(json|csv|html|xml)|convertfrom-(json|csv|stringdata)|resolve-(path|dnsname)|(split|join|convert)-path|"
    r"out-(string|null|host|default)|write-(output|host)"
)
_SECRET = re.compile(
    r"credential|secret|passw|keyvault|accountkey|accesskey|key$|keys$|token|clipboard|securestring|gpp|lsa|hash(?!$)|keystroke|"
    r"screenshot|windowsupdatelog|history$|cookie|vault|laps|bitlocker|pssnapin|transcript|recovery|recording"
)
_DESTROYS = re.compile(
    r"(remove|clear|uninstall|format|initialize|reset|stop|unregister|dismount)-\w+|restart-computer|rm|del|rd|erase|rmdir|kill"
)
_COMPARISONS = frozenset(
    f"-{case}{name}"
    for case in ("", "i", "c")
    for name in "eq ne gt ge lt le like notlike match notmatch contains notcontains in notin is isnot not".split()
)
_PARAMETERS = names(
    """
    -name -id -property -properties -first -last -skip -unique -expandproperty -excludeproperty -descending -ascending
    -autosize -wrap -groupby -noelement -newest -logname -after -before -source -entrytype -instanceid -message -maxevents
    -filterhashtable -filterxpath -filterxml -listlog -listprovider -oldest -computername -classname -class -namespace -filter
    -query -path -literalpath -recurse -depth -force -file -directory -hidden -include -exclude -tail -totalcount -raw
    -encoding -readcount -delimiter -stream -count -quiet -erroraction -ea -warningaction -verbose -informationaction -port
    -commontcpport -informationlevel -traceroute -hops -timetolive -buffersize -delay -timeoutseconds -type -server -dnsonly
    -nohostsfile -state -localport -remoteport -localaddress -remoteaddress -owningprocess -sum -average -maximum -minimum
    -line -word -character -allstats -pattern -simplematch -casesensitive -context -notmatch -allmatches -list -inputobject
    -compress -asarray -depth -notypeinformation -as -title -displayname -dependentservices -requiredservices -includeusername
    -fileversioninfo -module -listavailable -all -syntax -commandtype -parameter -full -examples -detailed -day -month -year
    -hour -minute -second -date -format -uformat -displayhint -sampleinterval -maxsamples -counter -listset -driveletter
    -disknumber -friendlyname -interfacealias -interfaceindex -addressfamily -destinationprefix -prefixorigin -adaptername
    -physical -showhidden -identity -searchbase -searchscope -ldapfilter -resultsetsize -taskname -taskpath -vmname -vm -node
    -cluster -group -profile -enabled -direction -action -policystore -leaf -parent -noqualifier -isabsolute -isvalid
    -pathtype -newerthan -olderthan -referenceobject -differenceobject -syncwindow -excludedifferent -includeequal -passthru
    -process -begin -end -expression -nonewline -separator -foregroundcolor -backgroundcolor -width -algorithm -audit -scope
    -resourcegroupname -subscriptionid -status -location -top -culture -view -hidetableheaders -stable -bottom -index
    -filterscript
    """
)
_ALIASES = {
    "?": "where-object", "where": "where-object", "%": "foreach-object", "foreach": "foreach-object", "select": "select-object",
    "sort": "sort-object", "group": "group-object", "measure": "measure-object", "ft": "format-table", "fl": "format-list",
    "fw": "format-wide", "gps": "get-process", "ps": "get-process", "gsv": "get-service", "gc": "get-content", "cat": "get-content",
    "type": "get-content", "gci": "get-childitem", "dir": "get-childitem", "ls": "get-childitem", "gi": "get-item",
    "gp": "get-itemproperty", "gcm": "get-command", "gm": "get-member", "gwmi": "get-wmiobject", "gcim": "get-ciminstance",
    "gl": "get-location", "pwd": "get-location", "gu": "get-unique", "sls": "select-string", "echo": "write-output",
    "write": "write-output", "tnc": "test-netconnection", "diff": "compare-object", "compare": "compare-object", "gal": "get-alias",
    "gdr": "get-psdrive", "gv": "get-variable", "rvpa": "resolve-path", "rm": "remove-item", "del": "remove-item",
    "erase": "remove-item", "rd": "remove-item", "ri": "remove-item", "rmdir": "remove-item", "kill": "stop-process",
    "spps": "stop-process", "iex": "invoke-expression", "iwr": "invoke-webrequest", "curl": "invoke-webrequest",
    "wget": "invoke-webrequest", "irm": "invoke-restmethod", "saps": "start-process", "start": "start-process", "sc": "set-content",
    "cp": "copy-item", "copy": "copy-item", "mv": "move-item", "move": "move-item", "ni": "new-item", "tee": "tee-object",
    "oh": "out-host", "sleep": "start-sleep", "sasv": "start-service", "spsv": "stop-service", "icm": "invoke-command",
    "cls": "clear-host", "clear": "clear-host", "h": "get-history", "history": "get-history", "man": "get-help", "set": "set-variable",
}  # fmt: skip
