"""SQL: each statement must begin with a word that reads, and call only functions known to read."""

from __future__ import annotations

import re

from gate.risk.words import names, unknown

_STRING = re.compile(r"'(?:[^'\\]|'')*'")
_STARTS = re.compile(r"(select|show|explain|describe|desc|values|table|with|use)\b", re.IGNORECASE)
_WRITES = re.compile(
    r"\b(insert|update|delete|drop|alter|create|truncate|grant|revoke|into|lock|copy|merge|replace\s+into|call|do|execute|exec|perform|"
    r"vacuum|analyze|analyse|reindex|cluster|refresh|set|reset|load|attach|detach|pragma|outfile|dumpfile|share|handler|kill|flush|"
    r"purge|begin|commit|rollback|prepare|listen|notify|import|export|rename|optimize|repair|install|shutdown|restart)\b",
    re.IGNORECASE,
)
_SECRET = re.compile(
    r"pg_(shadow|authid|user_mapping\w*|hba\w*)|mysql\.(user|global_priv)|passw|secret|token|authentication_string|credential|api_?key|private",
    re.IGNORECASE,
)
_CALL = re.compile(r"([A-Za-z_][\w.$]*)\s*\(")
_META = re.compile(r"\\(d[a-zA-Z]*\+?|l\+?|z|conninfo|timing|x|sf\+?|sv\+?|encoding)( +[\w.*\"?|^$-]+)*( (on|off))?")
_DOT = re.compile(
    r"\.(tables|schema|fullschema|indexes|indices|databases|dbinfo|stats|show|mode \w+|headers (on|off))( +[\w%]+)*"
)
_FUNCTIONS = names(
    """
    count sum avg min max now coalesce nullif greatest least round floor ceil ceiling trunc abs mod power sqrt sign length
    char_length octet_length lower upper initcap substring substr left right trim ltrim rtrim btrim lpad rpad repeat reverse
    replace regexp_replace regexp_matches regexp_match split_part position strpos instr concat concat_ws format to_char
    to_date to_number to_timestamp date date_trunc date_part extract age clock_timestamp statement_timestamp
    transaction_timestamp current_timestamp localtime from_unixtime unix_timestamp timestampdiff date_format date_sub date_add
    datediff timediff sec_to_time interval strftime datetime julianday array_agg string_agg json_agg jsonb_agg
    json_build_object jsonb_build_object row_to_json to_json to_jsonb group_concat unnest array array_length array_to_string
    string_to_array json_extract json_object jsonb_pretty bool_or bool_and every row_number rank dense_rank ntile lag lead
    first_value last_value percentile_cont percentile_disc stddev variance generate_series cast convert ifnull isnull if iif
    case version database schema user current_database current_schema current_user session_user current_setting hex md5
    quote_ident typeof total over partition filter within any all some exists in values and or not on using as from where join
    when then else select by having union distinct limit row lateral between like is decimal numeric varchar char with
    inet_server_addr inet_server_port inet_client_addr txid_current_if_assigned pg_typeof obj_description col_description
    to_regclass pg_size_pretty pg_database_size pg_relation_size pg_total_relation_size pg_table_size pg_indexes_size
    pg_tablespace_size pg_column_size pg_is_in_recovery pg_is_in_backup pg_is_wal_replay_paused pg_current_wal_lsn
    pg_current_wal_insert_lsn pg_last_wal_receive_lsn pg_last_wal_replay_lsn pg_last_xact_replay_timestamp pg_wal_lsn_diff
    pg_xlog_location_diff pg_current_xlog_location pg_last_xlog_receive_location pg_last_xlog_replay_location
    pg_current_xlog_insert_location pg_xlogfile_name pg_walfile_name pg_postmaster_start_time pg_conf_load_time
    pg_blocking_pids pg_backend_pid pg_get_indexdef pg_get_viewdef pg_get_constraintdef pg_get_functiondef pg_get_userbyid
    pg_get_expr pg_stat_file_none pg_table_is_visible format_type pg_encoding_to_char pg_tablespace_location
    pg_stat_get_activity pg_stat_get_wal_senders pg_locks pg_stat_statements pg_relation_filepath pg_get_serial_sequence
    pg_get_replication_slots mode bit_and bit_or bool width_bucket least greatest numrange tsrange int4range make_interval
    justify_interval
    """
)  # fmt: skip


def objection(text: str, *, sqlite: bool = False) -> str | None:
    """Why the statements are not known to be harmless; None if each only reads. sqlite: dot commands may stand alone."""
    if unknown(text):
        return "a statement that is only known when it runs"
    text = re.sub(r"\\G\s*$", "", text.strip())
    if text.startswith("\\"):
        return None if _META.fullmatch(text.rstrip("; ")) else "a command of psql that is not known to be harmless"
    if sqlite and text.startswith("."):
        return None if _DOT.fullmatch(text) else "a dot command that is not known to be harmless"
    bare = _STRING.sub("''", text)
    if "\\" in bare or "$$" in bare or re.search(r"\$\w*\$|--|/\*|#|`|'(?!')(?<!'')", bare.replace("''", "")):
        return "a comment, quoting or escape that may hide what runs"
    if _SECRET.search(text):
        return "reads secrets"
    for statement in bare.split(";"):
        if statement.strip() and (reason := _statement(statement.strip())):
            return reason
    return None


def _statement(statement: str) -> str | None:
    unquoted = re.sub(r'"[^"]*"(?!\s*\()', "x", statement)
    if not _STARTS.match(statement):
        return f"{statement.split()[0].lower()} is not a statement that reads"
    if not statement.lower().startswith("show") and (write := _WRITES.search(unquoted)):
        return f"{write[0].lower()} may change something"
    if '"' in unquoted:
        return "a quoted function"
    for name in _CALL.findall(unquoted):
        if name.lower().removeprefix("pg_catalog.") not in _FUNCTIONS:
            return f"function {name} is not known to be harmless"
    return None
