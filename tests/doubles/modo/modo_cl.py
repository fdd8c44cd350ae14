"""A fake modo_cl: `python -I -S modo_cl.py HOME VERSION [OPTIONS]` reads commands from its input, as the real one.

While there is a file `licences-taken` in HOME, none is free. `slow-start` there holds for how many seconds it starts;
`early` how many of the first scripts are lost; while `hangs-at-end` is there it doesn't end. One that ends well
leaves `licence-returned`. A second one of the same HOME waits for the first to end.
"""

from __future__ import annotations

import fcntl
import select
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from doubles.modo import kit
from doubles.modo.session import Session, parse  # found by the line above

OPTIONS = ("-dbon:noconfig", "-dboff:crashreport")  # FD; DL


def number(home: str, name: str) -> float:
    """Return what a file of HOME holds."""
    path = Path(home, name)
    return float(path.read_text()) if path.exists() else 0


def main() -> None:
    """Be modo_cl."""
    home, version, *options = sys.argv[1:]
    if options == ["-version"]:
        print(f"modo {version[:2]}.{version[2]}")
        return
    if not set(options) <= set(OPTIONS):
        sys.exit(f"modo_cl: unknown option {options}")
    if Path(home, "licences-taken").exists():
        print("No valid license was found")
        sys.exit(3)
    alone = Path(home, "running").open("w")  # noqa: SIM115  # held to the end
    fcntl.flock(alone, fcntl.LOCK_EX)
    time.sleep(number(home, "slow-start"))
    session = Session(int(version))
    session.is_headless = True
    sys.modules.update(kit.modules(session))
    sys.path.pop(0)
    if select.select([sys.stdin], [], [], 0)[0]:  # CN: commands that come before it is ready may hang it
        time.sleep(10_000)
    print(f"@start modo [{version}]", flush=True)
    lost = number(home, "early")
    for line in sys.stdin:
        if line.startswith("@"):
            lost -= 1
            if lost >= 0:
                continue
            (_, script), *_ = parse(line[1:].strip())
            session.argument = line.strip().partition("} ")[2]  # OT: as it was sent, with its braces
            text = Path(script).read_text(encoding="utf-8")
            if not text.startswith("# python\n"):
                sys.exit("modo_cl can't tell which language this is")  # FD: "Python Header"
            imported = "import lx, sys\n"  # FD: "The lx Module"; it doesn't say how
            exec(compile(imported + text, script, "exec"), {"__name__": "__main__"})
            print("> :", flush=True)
        elif line.strip() == "!app.quit":  # RR, BP
            time.sleep(10_000 if Path(home, "hangs-at-end").exists() else 0)
            Path(home, "licence-returned").touch()
            return
        else:
            print(f"> : {session.eval(line)}", flush=True)


main()
