"""Ask for known vulnerabilities of every package of the lock: ``python tools/audit.py``.

pip-audit asks the database of https://osv.dev. Each vulnerability is printed. The exit status is 1 if one
is not accepted, with a reason, in ``requirements/accepted_vulnerabilities.txt``. Where the database cannot be
reached, one line says so, and the exit status is 0.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from mmlle.cli.errors import run
from mmlle.utils.errors import UserError

__all__ = ["main"]

REQUIREMENTS = Path(__file__).resolve().parents[1] / "requirements"


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--lock", type=Path, default=REQUIREMENTS / "lock.txt", help="packages with hashes")
    parser.add_argument(
        "--accepted",
        type=Path,
        default=REQUIREMENTS / "accepted_vulnerabilities.txt",
        help="lines 'ID REASON' or 'NAME==VERSION REASON', the latter for all of that release",
    )
    parser.add_argument("--service", metavar="URL", help="another service with the interface of OSV")
    args = parser.parse_args(argv)
    run(lambda: audit(args))


def audit(args: argparse.Namespace) -> None:
    """Ask and print.

    Raises:
        UserError: If there are vulnerabilities that are not accepted, or a file cannot be used.
    """
    accepted = read_accepted(args.accepted)
    packages = ask(args.lock, args.service)
    if packages is None:
        return
    used, refused = set(), 0
    for package in packages:
        release = f"{package['name']}=={package['version']}"
        for vulnerability in package["vulns"]:
            names = {vulnerability["id"], *vulnerability["aliases"], release}
            keys = names & accepted.keys()
            used |= keys
            refused += not keys
            fixes = ", ".join(vulnerability["fix_versions"])
            fixed = f"fixed in {fixes}" if fixes else "no fix"
            note = f"accepted: {accepted[min(keys)]}" if keys else "NOT ACCEPTED"
            print(f"{release} {vulnerability['id']} ({fixed}), {note}")
    for key in sorted(accepted.keys() - used):
        print(
            f"{args.accepted.name}: {key} is not among the known vulnerabilities any more; remove the line."
        )
    print(f"{len(packages)} packages were asked about.")
    if refused:
        raise UserError(
            f"{refused} known vulnerabilities are not accepted: take fixed versions into {args.lock.name} "
            f"(see lock.in), or give the reason for keeping them in {args.accepted}."
        )


def read_accepted(path: Path) -> dict[str, str]:
    """Read what is accepted: reasons by ID or release.

    Raises:
        UserError: If a line has no reason.
    """
    reasons = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, reason = line.strip().partition(" ")
        if not reason:
            raise UserError(
                f"{path}, line {number}: {name} is accepted without a reason; write one behind it."
            )
        reasons[name] = reason.strip()
    return reasons


def ask(lock: Path, service: str | None) -> list[dict[str, Any]] | None:
    """Ask about each package of the lock.

    Returns:
        The packages with their vulnerabilities, as pip-audit writes them; None without an answer.

    Raises:
        UserError: If pip-audit is missing or cannot read the lock.
    """
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(lock), "--no-deps", "--disable-pip"]
    command += [
        "--vulnerability-service",
        "osv",
        "--format",
        "json",
        "--aliases",
        "--progress-spinner",
        "off",
    ]
    if service is not None:
        command += ["--osv-url", service]
    result = subprocess.run(command, capture_output=True, text=True)
    try:
        packages: list[dict[str, Any]] = json.loads(result.stdout)["dependencies"]
    except ValueError:
        lines = result.stderr.strip().splitlines()
        reason = next(
            (line for line in lines if line.startswith("ERROR")), lines[-1] if lines else "no output"
        )
        if "requests.exceptions" in result.stderr or "ServiceError" in result.stderr:
            print(f"Known vulnerabilities: the service could not be asked ({reason}).")
            return None
        raise UserError(f"pip-audit failed: {reason}") from None
    return packages


if __name__ == "__main__":
    main()
