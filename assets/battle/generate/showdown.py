"""The pokemon-showdown package: which version it must be, and how its scripts are asked.

It is installed once, anywhere: `npm install pokemon-showdown@0.11.11 --omit=optional --ignore-scripts`.
"""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

VERSION = "0.11.11"
"""Rules change between versions, so tables, teams and recordings are made from one."""


def run_script(script: str, given: Any, modules: Path) -> Any:
    """What a script of this folder answers, as JSON values. modules: the folder `node_modules` of the package.

    Ends the program in words where the package is another version or the script fails.
    """
    package = modules / "pokemon-showdown" / "package.json"
    version = json.loads(package.read_text(encoding="utf-8"))["version"]
    if version != VERSION:
        raise SystemExit(f"{package}: version {version}, expected {VERSION}")
    done = subprocess.run(
        ["node", Path(__file__).parent / script],
        input=json.dumps(given),
        env={**os.environ, "NODE_PATH": str(modules.resolve())},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)
