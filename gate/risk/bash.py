"""Bash: the syntax tree is walked; a node type that is not listed here is not known to be harmless."""

from __future__ import annotations

import re
from collections.abc import Callable

import tree_sitter_bash
from tree_sitter import Language, Node, Parser

from gate.risk import commands, environment, secrets
from gate.risk.assessment import Class, Findings
from gate.risk.words import BOUND, OUTPUT, QUOTED, SPLIT, SPLIT_OUTPUT, unknown

_LANGUAGE = Language(tree_sitter_bash.language())
_DEEPEST = 60  # of syntax nodes in one another; people write less than half
_NESTED = 6  # of commands in strings of commands: bash -c "bash -c '...'"

# The grammar's scanner crashes the process on characters beyond its tables (tree-sitter-bash 0.25.1: `{` and a high plane).
# Bash takes every byte beyond ASCII for a plain one in a word, as it does this one.
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_ESCAPE = re.compile(r"\\\n|\\(.)", re.DOTALL)
_IN_QUOTES = re.compile(r"\\\n|\\([$`\"\\])")
_BRACES = re.compile(r"\{[^{}]*(,|\.\.)[^{}]*\}")
_HARMLESS_TARGETS = frozenset(("/dev/null", "/dev/stdout", "/dev/stderr"))


def walk(source: str, findings: Findings, depth: int = 0) -> None:
    """Note in `findings` whatever is not known to be harmless. source: a command, placeholders already made plain words."""
    if depth > _NESTED:
        findings.add(Class.UNPARSED, "commands nested too deeply", source)
        return
    raw = source.encode()
    root = Parser(_LANGUAGE).parse(raw if raw.isascii() else _NOT_ASCII.sub(b"%", raw)).root_node
    if root.has_error:
        findings.add(Class.UNPARSED, "not understood as a bash command", source)
    _Walk(raw, findings, depth).visit(root)


class _Walk:
    """One parse. Nodes count bytes, so the text is held with one character for each byte."""

    def __init__(self, raw: bytes, findings: Findings, nested: int) -> None:
        self.text = raw.decode("latin-1")
        self.findings = findings
        self.nested = nested
        self.wrapped = 0
        self.depth = 0
        self.bound: set[str] = set()
        self.piped: str | None = None
        self.fed: str | None = None
        self.ran: list[str] = []

    def visit(self, node: Node) -> None:
        handler = _NODES.get(node.type)
        self.depth += 1
        if handler is None:
            self.unknown(node)
        elif self.depth > _DEEPEST:
            self.findings.add(Class.UNPARSED, "nested too deeply", self.slice(node))
        else:
            handler(self, node)
        self.depth -= 1

    # what handlers of programs may ask (gate.risk.forms.Judge)

    def command(self, words: list[str], piece: str) -> None:
        if self.wrapped >= _NESTED:
            self.findings.add(Class.UNPARSED, "commands nested too deeply", piece)
            return
        self.wrapped += 1
        commands.judge(words, self, piece)
        self.wrapped -= 1

    def code(self, text: str, piece: str) -> None:
        if unknown(text):
            self.findings.changing("a command put together from text that is not known", piece)
        else:
            walk(text.encode("latin-1").decode(errors="replace"), self.findings, self.nested + 1)

    # nodes

    def slice(self, node: Node) -> str:
        return self.text[node.start_byte : node.end_byte].encode("latin-1").decode(errors="replace")

    def unknown(self, node: Node) -> None:
        if node.type == "ERROR":
            self.findings.add(Class.UNPARSED, "not understood as a bash command", self.slice(node))
        else:
            self.findings.changing(f"{node.type.replace('_', ' ')} is not known to be harmless", self.slice(node))
        for child in node.named_children:
            if child.type in _STATEMENTS:
                self.visit(child)

    def inside(self, node: Node) -> None:
        for child in node.named_children:
            self.visit(child)

    def skip(self, node: Node) -> None:
        pass

    def test(self, node: Node) -> None:
        """`[[ a -eq b ]]`: a subscript in a quoted text is evaluated, and what is substituted in it runs."""
        if _SUBSCRIPT.search(self.slice(node)):
            self.findings.changing("a test that runs what stands in a subscript", self.slice(node))
        self.values(node)

    def values(self, node: Node) -> None:
        """Words and tests: only what is substituted in them runs."""
        if self.depth > _DEEPEST:
            self.findings.add(Class.UNPARSED, "nested too deeply", self.slice(node))
            return
        self.depth += 1
        for child in node.named_children:
            if child.type in _STATEMENTS or child.type in _TESTS:
                self.visit(child)
            else:
                self.word(child)
        self.depth -= 1

    def simple(self, node: Node) -> None:
        """A command: assignments before it, its name, its arguments, redirections among them."""
        words: list[str] = []
        assigned = False
        for child in node.children:
            kind = child.type
            if kind == "command_name":
                words.append(self.word(child.children[0]) if child.child_count == 1 else SPLIT)
            elif kind == "word" or kind == "number":
                words.append(self.word(child))
            elif kind == "variable_assignment":
                assigned = True
                self.assignment(child, prefix=True)
            elif kind in _REDIRECTS:
                words += self.redirect(child)
            elif kind == "$" or kind == "(" or kind == ")":
                if kind != "$":
                    self.findings.changing("not understood", self.slice(node))
            else:
                words.append(self.word(child))
        self.run(words, node, assigned=assigned)

    def run(self, words: list[str], node: Node, *, assigned: bool = False) -> None:
        if not words:
            return
        piece = self.slice(node)
        self.ran.append(words[0])
        if assigned and unknown(words[0]):
            self.findings.changing("the command is only known when it runs", piece)
        if words[0] in _BINDERS:
            self.bound.update(word for word in words[1:] if word.isidentifier())
        commands.judge(words, self, piece)

    def redirected(self, node: Node) -> None:
        """A body and redirections; the grammar takes arguments after a redirection for more of its targets."""
        body = node.child_by_field_name("body")
        extra: list[str] = []
        fed = self.fed
        for child in node.named_children:
            if body is None or child.id != body.id:
                extra += self.redirect(child)
        if body is None:
            pass
        elif extra and body.type == "command":
            self.appended(body, extra)
        else:
            if extra:
                self.findings.changing("words after a redirection", self.slice(node))
            self.visit(body)
        self.fed = fed

    def appended(self, body: Node, extra: list[str]) -> None:
        words = [
            self.word(child.children[0] if child.type == "command_name" else child)
            for child in body.children
            if child.type not in _REDIRECTS and child.type != "variable_assignment" and child.type != "$"
        ]
        for child in body.children:
            if child.type == "variable_assignment":
                self.assignment(child, prefix=True)
            elif child.type in _REDIRECTS:
                words += self.redirect(child)
        self.run(words + extra, body)

    def redirect(self, node: Node) -> list[str]:
        """Judge one; the arguments of the command that the grammar counts to it."""
        if node.type == "heredoc_redirect":
            return self.heredoc(node)
        operator, words = "", []
        for child in node.children:
            if child.is_named:
                if child.type != "file_descriptor":
                    words.append(self.word(child))
            else:
                operator = child.type
        if node.type == "herestring_redirect":
            self.fed = "text"
            return words[1:]
        target = words[0] if words else ""
        piece = self.slice(node)
        if operator == "<":
            self.fed = target
            if "/dev/tcp" in target or "/dev/udp" in target or unknown(target):
                self.findings.changing("reads from a place that is not known or a network", piece)
        elif operator in ("<&", ">&", "<&-", ">&-") and (not target or target.isdigit() or target == "-"):
            pass
        elif target not in _HARMLESS_TARGETS:
            self.findings.changing("writes to a file", piece)
        secrets.check(words, self.findings, piece)
        return words[1:]

    def heredoc(self, node: Node) -> list[str]:
        self.fed = "text"
        words: list[str] = []
        for child in node.named_children:
            if child.type in ("heredoc_start", "heredoc_end"):
                continue
            if child.type == "heredoc_body":
                self.values(child)
            elif child.type in _REDIRECTS:
                words += self.redirect(child)
            elif child.type in _STATEMENTS:
                self.piped = self.ran[-1] if self.ran else "cat"
                self.visit(child)
            else:
                words.append(self.word(child))
        return words

    def pipeline(self, node: Node) -> None:
        piped = self.piped
        for child in node.named_children:
            self.visit(child)
            self.piped = self.ran[-1] if self.ran else "?"
        self.piped = piped

    def compound(self, node: Node) -> None:
        self.values(node)

    def loop(self, node: Node) -> None:
        """`for NAME in ...`: the values may turn out to be options, so the name is not trusted."""
        name = node.child_by_field_name("variable")
        values = [self.word(child) for child in node.children_by_field_name("value")]
        if name is not None and (not values or any(_optional(value) for value in values)):
            self.bind(self.slice(name))
        if self.slice(node).startswith("select"):
            self.findings.changing("select waits for a person", self.slice(node))
        for child in node.children_by_field_name("body"):
            self.visit(child)

    def repeat(self, node: Node) -> None:
        """`while` ends by itself only when it reads its input up."""
        condition = node.child_by_field_name("condition")
        if condition is None or not self.slice(condition).startswith(("read ", "IFS= read ")):
            self.findings.changing("a loop that may not end", self.slice(node))
        self.values(node)

    def bind(self, name: str) -> None:
        self.bound.add(name)
        if environment.steers(name):
            self.findings.changing(f"{name} steers what other programs do", name)

    def assignment(self, node: Node, *, prefix: bool = False) -> None:
        name, *rest = node.named_children
        piece = self.slice(node)
        variable = self.slice(name).partition("[")[0]
        for value in (name, *rest):
            if value.type == "array" or value.type == "subscript":
                self.values(value)
                self.bound.add(variable)
            elif value.type != "variable_name" and _optional(self.word(value)):
                self.bound.add(variable)
        if environment.steers(variable) or (prefix and not environment.harmless(variable)):
            self.findings.changing(f"{variable} steers what programs do", piece)

    def declaration(self, node: Node) -> None:
        exports = self.slice(node).startswith("export")
        for child in node.named_children:
            if child.type == "variable_assignment":
                self.assignment(child, prefix=exports)
            elif child.type == "variable_name":
                if exports:
                    self.bind(self.slice(child))
            elif self.word(child) not in ("-x", "-r", "-i", "-a", "-A", "-g", "-p", "-l", "-u"):
                self.findings.changing("a declaration that is not known to be harmless", self.slice(node))
        if node.named_child_count == 0 or "-p" in self.slice(node):
            self.findings.changing("lists the environment, secrets included", self.slice(node))

    # words

    def word(self, node: Node) -> str:
        kind = node.type
        if kind == "word" or kind == "number":
            text = self.text[node.start_byte : node.end_byte]
            if node.child_count:
                return self.joined(node, node.start_byte, node.end_byte)
            if "\\" in text:
                text = _ESCAPE.sub(lambda match: match[1] or "", text)
            return text
        if kind == "raw_string":
            return self.text[node.start_byte + 1 : node.end_byte - 1]
        if kind == "string":
            start = node.start_byte + (2 if self.text[node.start_byte] == "$" else 1)
            return self.joined(node, start, node.end_byte - 1, quoted=True)
        if kind == "concatenation":
            text = self.joined(node, node.start_byte, node.end_byte)
            written = self.text[node.start_byte : node.end_byte]
            return SPLIT + text if "{" in written and _BRACES.search(written) and not _quoted_braces(node) else text
        handler = _WORDS.get(kind)
        if handler is None:
            self.findings.changing(f"{kind.replace('_', ' ')} is not known to be harmless", self.slice(node))
            return SPLIT
        return handler(self, node)

    def joined(self, node: Node, start: int, end: int, *, quoted: bool = False) -> str:
        """The parts of a string or concatenation, and what lies between them, which the grammar does not name."""
        parts: list[str] = []
        at = start
        for child in node.named_children:
            first, last = child.start_byte, child.end_byte
            if first > at:
                parts.append(self.text[at:first])
            if quoted:
                parts.append(self.quoted(child))
            else:
                parts.append(self.word(child))
            at = last
        parts.append(self.text[at:end])
        return "".join(parts)

    def quoted(self, node: Node) -> str:
        if node.type == "string_content":
            text = self.text[node.start_byte : node.end_byte]
            return _IN_QUOTES.sub(lambda match: match[1] or "", text) if "\\" in text else text
        value = self.word(node)
        if value == SPLIT:
            return QUOTED
        return OUTPUT if value == SPLIT_OUTPUT else value

    def variable(self, node: Node) -> str:
        return self.value(self.text[node.start_byte + 1 : node.end_byte])

    def value(self, name: str) -> str:
        if name in ("?", "#", "$", "!"):
            return "0"
        return BOUND if name in self.bound else QUOTED if name in _SINGLE else SPLIT

    def expansion(self, node: Node) -> str:
        text = self.text[node.start_byte : node.end_byte]
        if text.startswith("${!") or "@" in text or "=" in text.split("/")[0]:
            self.findings.changing("an expansion that is not known to be harmless", self.slice(node))
        self.values(node)
        name = re.match(r"\$\{(\w*)", text)
        return (
            "0"
            if text.startswith("${#")
            else self.value(name[1])
            if name and text[name.end() :] == "}"
            else BOUND
            if name and name[1] in self.bound
            else SPLIT
        )

    def substitution(self, node: Node) -> str:
        piped, fed, before = self.piped, self.fed, len(self.ran)
        self.piped, self.fed = None, None
        for child in node.named_children:
            if child.type in _REDIRECTS:
                self.redirect(child)
            else:
                self.visit(child)
        names = commands.gives_names(self.ran[before:])
        self.piped, self.fed = piped, fed
        del self.ran[before:]
        return SPLIT if names else SPLIT_OUTPUT

    def process(self, node: Node) -> str:
        self.substitution(node)
        return "/dev/fd/63" if self.text[node.start_byte] == "<" else SPLIT

    def number(self, node: Node) -> str:
        self.values(node)
        return "0"

    def ansi(self, node: Node) -> str:
        text = self.text[node.start_byte + 2 : node.end_byte - 1]
        return SPLIT if "\\" in text.replace("\\n", "").replace("\\t", "") else text

    def translated(self, node: Node) -> str:
        self.values(node)
        return SPLIT

    def operator(self, node: Node) -> str:
        self.values(node)
        return ""


def _optional(value: str) -> bool:
    """Whether a value may hold several words, an option, or text that another program made up."""
    return value[:1] in tuple("*?[") or _DASH.search(value) is not None or not _MADE_UP.isdisjoint(value)


_SUBSCRIPT = re.compile(r"'[^']*(\$\(|`)")
_DASH = re.compile(r"^-|\s")
_MADE_UP = frozenset((BOUND, OUTPUT, SPLIT_OUTPUT))


def _quoted_braces(node: Node) -> bool:
    """Whether every brace of a concatenation stands in quotes, or `{}` and `${` are all there is."""
    outside = "".join((child.type == "word" and (child.text or b"").decode("latin-1")) or "_" for child in node.named_children)
    return not _BRACES.search(outside) and "{" not in outside


_SINGLE = frozenset(("HOME", "PWD", "OLDPWD", "USER", "LOGNAME", "UID", "EUID", "HOSTNAME", "SECONDS", "RANDOM", "PPID"))
_REDIRECTS = frozenset(("file_redirect", "heredoc_redirect", "herestring_redirect"))
_BINDERS = frozenset(("read", "mapfile", "readarray", "getopts", "let"))
_TESTS = frozenset(
    ("binary_expression", "unary_expression", "parenthesized_expression", "ternary_expression", "postfix_expression")
)
_NODES: dict[str, Callable[[_Walk, Node], None]] = {
    "program": _Walk.inside,
    "list": _Walk.inside,
    "pipeline": _Walk.pipeline,
    "command": _Walk.simple,
    "redirected_statement": _Walk.redirected,
    "negated_command": _Walk.inside,
    "subshell": _Walk.inside,
    "compound_statement": _Walk.compound,
    "if_statement": _Walk.inside,
    "elif_clause": _Walk.inside,
    "else_clause": _Walk.inside,
    "for_statement": _Walk.loop,
    "while_statement": _Walk.repeat,
    "do_group": _Walk.inside,
    "case_statement": _Walk.values,
    "case_item": _Walk.values,
    "test_command": _Walk.test,
    "variable_assignment": _Walk.assignment,
    "variable_assignments": _Walk.inside,
    "declaration_command": _Walk.declaration,
    "comment": _Walk.skip,
    "binary_expression": _Walk.values,
    "unary_expression": _Walk.values,
    "parenthesized_expression": _Walk.values,
    "ternary_expression": _Walk.values,
    "postfix_expression": _Walk.values,
}
_STATEMENTS = (frozenset(_NODES) | {"function_definition", "c_style_for_statement", "ERROR"}) - _TESTS
_WORDS: dict[str, Callable[[_Walk, Node], str]] = {
    "simple_expansion": _Walk.variable,
    "expansion": _Walk.expansion,
    "command_substitution": _Walk.substitution,
    "process_substitution": _Walk.process,
    "arithmetic_expansion": _Walk.number,
    "brace_expression": _Walk.number,
    "ansi_c_string": _Walk.ansi,
    "translated_string": _Walk.translated,
    "variable_name": _Walk.operator,
    "special_variable_name": _Walk.operator,
    "extglob_pattern": _Walk.operator,
    "regex": _Walk.operator,
    "test_operator": _Walk.operator,
    "heredoc_content": _Walk.operator,
    "string_content": _Walk.operator,
    "subscript": _Walk.operator,
    "array": _Walk.operator,
    "heredoc_body": _Walk.operator,
}
