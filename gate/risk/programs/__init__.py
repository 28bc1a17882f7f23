"""What is known to be harmless, program by program; the grammar of the lines is in `gate/risk/forms.py`.

To add a program, ask of each of its options: does it write, execute, send, show a secret, or never end? Name the harmless ones.
"""

from __future__ import annotations

from gate.risk.programs import clouds, containers, databases, development, files, kubernetes, network, shells, storage, system

TABLES = (
    files.TABLE,
    shells.TABLE,
    system.TABLE,
    storage.TABLE,
    network.TABLE,
    kubernetes.TABLE,
    containers.TABLE,
    clouds.TABLE,
    databases.TABLE,
    development.TABLE,
)
