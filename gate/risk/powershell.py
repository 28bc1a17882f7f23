"""PowerShell: the syntax tree is walked; node types, cmdlets and parameters that are not listed are not known to be harmless."""

from __future__ import annotations

import re

import tree_sitter_powershell
from tree_sitter import Language, Node, Parser

from gate.risk import cmd, commands, secrets
from gate.risk.assessment import Class, Findings
from gate.risk.words import names

_LANGUAGE = Language(tree_sitter_powershell.language())
_LOOKALIKE = re.compile("[\u2013-\u2015\u2018-\u201e]")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")  # not known to the grammar's scanner; in names they are unknown all the same
_MOST_NODES = 3_000
_LONGEST = 4_096  # the grammar takes half a second over so many characters of nonsense


def walk(source: str, findings: Findings) -> None:
    """Note in `findings` whatever is not known to be harmless."""
    if len(source) > _LONGEST:
        findings.add(Class.UNPARSED, f"longer than {_LONGEST} characters", source)
    elif found := _LOOKALIKE.search(source):
        findings.add(Class.UNPARSED, "a quote or dash beyond ASCII, which PowerShell takes for a plain one", found[0])
    else:
        _visit(*_parse(_NOT_ASCII.sub("_", source)), findings)


def _parse(source: str) -> tuple[bytes, Node]:
    """The text and its tree; the grammar does not know a space after a comma, which PowerShell does not care about."""
    raw = source.encode()
    root = Parser(_LANGUAGE).parse(raw).root_node
    if root.has_error:
        raw = _COMMA.sub(r"\1,", source).encode()
        root = Parser(_LANGUAGE).parse(raw).root_node
    return raw, root


def _visit(raw: bytes, root: Node, findings: Findings) -> None:
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
    findings.add(Class.UNPARSED, "too long to follow", _slice(raw, root))


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
    r"\$(_|\?|[a-z]\w*|\{[a-z]\w*\}|"
    r"env:(computername|username|userdomain|os|path|processor_\w+|number_of_processors|systemroot|temp))",
    re.IGNORECASE,
)
_CHECKS = {
    "variable": _VARIABLE,
    "braced_variable": _VARIABLE,
    "generic_token": re.compile(r"(?!\\\\|//)[\w.:\\/*?,=%+~-]+|[2-6*]>\$null|2>&1"),
    "string_literal": re.compile(r"(?!.{0,2}(\\\\|//)).*", re.DOTALL),
    "redirection": re.compile(r"[2-6*]?>\s*\$null|2>&1"),
    "left_assignment_expression": re.compile(
        r"\$(?!(ps|profile|executioncontext|shellid|ofs|outputencoding|home|pshome|host|input|args|error|env)\b|ps\w+|\w*preference)"
        r"[a-z]\w*",
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
    alias: name
    for name, _, aliases in (
        entry.partition("=")
        for entry in names(
            """
            where-object=?,where foreach-object=%,foreach select-object=select sort-object=sort group-object=group
            measure-object=measure format-table=ft format-list=fl format-wide=fw get-process=gps,ps get-service=gsv
            get-content=gc,cat,type get-childitem=gci,dir,ls get-item=gi get-itemproperty=gp get-command=gcm get-member=gm
            get-wmiobject=gwmi get-ciminstance=gcim get-location=gl,pwd get-unique=gu select-string=sls
            write-output=echo,write test-netconnection=tnc compare-object=diff,compare get-alias=gal get-psdrive=gdr
            get-variable=gv resolve-path=rvpa remove-item=rm,del,erase,rd,ri,rmdir stop-process=kill,spps
            invoke-expression=iex invoke-webrequest=iwr,curl,wget invoke-restmethod=irm start-process=saps,start
            set-content=sc copy-item=cp,copy move-item=mv,move new-item=ni tee-object=tee out-host=oh start-sleep=sleep
            start-service=sasv stop-service=spsv invoke-command=icm clear-host=cls,clear get-history=h,history get-help=man
            set-variable=set
            """
        )
    )
    for alias in aliases.split(",")
}
