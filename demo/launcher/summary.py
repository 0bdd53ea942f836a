"""What is said when the demo is ready, to the person who waits and to programs (demo.json)."""

import json
from typing import Any

from demo.launcher.places import Places

ROLES = ("buyer", "approver", "admin", "rep", "manager")


def write(places: Places, shop_url: str, erp: dict[str, Any]) -> dict[str, Any]:
    """Write demo.json and return what stands in it."""
    summary = {
        "url": shop_url + "/",
        "admin_url": shop_url + "/admin/",
        "erp": {name: erp[name] for name in ("url", "database", "user", "password")},
        "people": _people(places),
    }
    new = places.summary.with_suffix(".new")
    new.write_text(json.dumps(summary, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    new.chmod(0o600)
    new.rename(places.summary)
    return summary


def text(summary: dict[str, Any]) -> str:
    """Return the lines for a person."""
    erp = summary["erp"]
    lines = [
        "",
        f"  Shop   {summary['url']}",
        f"  Admin  {summary['admin_url']}",
        f"  ERP    {erp['url']}  (Tryton, database {erp['database']}, user {erp['user']}, password {erp['password']})",
        "",
    ]
    for role in ROLES:
        person = next((person for person in summary["people"] if person["role"] == role), None)
        if person:
            company = f" ({person['company']})" if person.get("company") else ""
            lines.append(f"  {role:<9}{person['email']}  password {person['password']}{company}")
            lines.append(f"           {person.get('try', '')}")
    return "\n".join([*lines, "", "  Stop with Ctrl-C. make demo-reset puts everything back.", ""])


def _people(places: Places) -> list[dict[str, Any]]:
    if not places.people.exists():
        return []
    data = json.loads(places.people.read_text(encoding="utf-8"))
    return list(data["people"] if isinstance(data, dict) else data)
