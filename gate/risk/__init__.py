"""What a command may do, decided from its syntax tree and a list of what is known to be harmless; the rest is not.

`assess(command, shell)` answers with a class, the reason and the offending piece. It is pure: no I/O, no state, safe in threads.

- `programs/` is the list, `forms.py` the grammar of its lines and the matcher, `handlers/` what no line can say.
- `bash.py`, `powershell.py` and `cmd.py` walk a command of their shell down to single programs; `commands.py` looks each up.
- `languages/` reads the small languages in arguments: awk, sed, SQL.
- `secrets.py`, `environment.py` and `destruction.py` know places of secrets, variables that steer programs, and what destroys.
"""

from __future__ import annotations

from gate.risk.assess import assess
from gate.risk.assessment import Assessment, Class

__all__ = ["Assessment", "Class", "assess"]
