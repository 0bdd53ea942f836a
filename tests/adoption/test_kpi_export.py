"""The command that writes what a spec asks for, from the database."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.adoption import canonical
from tests.adoption.comparison import differences


def unpacked(folder: Path, place: Path) -> Path:
    """The folder with plain files, as the import reads them."""
    for one in folder.iterdir():
        name = one.name.removesuffix(".gz")
        (place / name).write_text(canonical.content(folder, name), encoding="utf-8")
    return place


def exported(spec: Path, out: Path) -> Any:
    call_command("kpi_export", "--spec", spec, "--out", out, stdout=io.StringIO())
    return json.loads(out.read_text(encoding="utf-8"))


@pytest.mark.django_db
@pytest.mark.parametrize("folder", [canonical.TINY, canonical.DEMO], ids=lambda one: one.name)
def test_imported_files_give_every_value_of_the_reference(folder: Path, tmp_path: Path) -> None:
    source = unpacked(folder, tmp_path)
    call_command("import_canonical", source, stdout=io.StringIO(), stderr=io.StringIO())
    found = exported(source / "spec.json", tmp_path / "answer.json")
    assert differences(canonical.told(folder, "expected"), found) == []


@pytest.mark.django_db
def test_a_goal_about_research_reads_the_products_that_were_viewed(tmp_path: Path) -> None:
    source = unpacked(canonical.TINY, tmp_path)
    more = {
        "goals": "G2,ropo.rate,0,1,2024-07-01,2025-07-01",
        "events": "E28,2024-12-04T12:00:00Z,product_view,S24,A2,U2,buyer,,product,Y,",
    }
    for name, row in more.items():
        file = source / f"{name}.csv"
        file.write_text(file.read_text(encoding="utf-8").rstrip("\n") + f"\n{row}\n", encoding="utf-8")
    call_command("import_canonical", source, stdout=io.StringIO(), stderr=io.StringIO())
    assert exported(source / "spec.json", tmp_path / "answer.json")["goals"]["G2"]["current"] == 0.4


def refusal(tmp_path: Path, text: str) -> CommandError:
    spec = tmp_path / "spec.json"
    spec.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError) as caught:
        call_command("kpi_export", "--spec", spec, "--out", tmp_path / "answer.json")
    assert not (tmp_path / "answer.json").exists()
    assert caught.value.returncode == 2
    return caught.value


PERIOD = {"start": "2024-01-01", "end": "2024-01-31"}

NONSENSE: list[tuple[dict[str, Any], str]] = [
    ({"perids": {}}, "does not know 'perids'; allowed: alerts_<name>, cohort_months"),
    ({"periods": []}, "periods: must be an object"),
    (
        {"periods": {"Q": {"start": "2024-01-01"}}},
        "periods.Q.end: must be a day like 2024-12-31 of the years 1900 to 2999, not None",
    ),
    ({"periods": {"Q": {**PERIOD, "end": "2023-01-01"}}}, "2023-01-01 is before its start 2024-01-01; allowed: 2024"),
    ({"periods": {"Q": {**PERIOD, "end": "2999-01-01"}}}, "allowed: at most 3660 days"),
    ({"periods": {"Q": {**PERIOD, "start": "2024-02-30"}}}, "periods.Q.start: must be a day"),
    ({"periods": {"Q": {**PERIOD, "last": "2024-02-28"}}}, "does not know 'last'; allowed: start, end, previous"),
    ({"retention_horizons": [0]}, "retention_horizons[0]: must be a whole number from 1 to 3660, not 0"),
    ({"retention_horizons": ["90"]}, "must be a whole number"),
    ({"retention_horizons": 90}, "retention_horizons: must be a list"),
    ({"cohort_months": True}, "cohort_months: must be a whole number from 0 to 120"),
    ({"lifecycle": ["2024-13"]}, "lifecycle[0]: must be a month like 2024-12"),
    ({"goals_current_period": "Q9", "periods": {"Q1": PERIOD}}, "'Q9' is not one of: Q1"),
    ({"alerts_x": {"recnt": 3}}, "does not know 'recnt'; allowed: recent, baseline, min_online, min_recent"),
    ({"variants": {"v": {"period": "Q1"}}}, "variants.v.period: 'Q1' is not one of: (none given)"),
    (
        {"periods": {"Q": PERIOD}, "variants": {"v": {"period": "Q", "ONLINE_CHANNELS": ["shop"]}}},
        "'shop' is not one of: web_self, punchout",
    ),
    ({"periods": {"Q": PERIOD}, "variants": {"v": {"period": "Q", "as_of": "2024-01-01"}}}, "an instant with its zone"),
    ({"plan": {"year": 2024}}, "plan: needs either scope"),
    ({"plan": {"year": "2024", "scope": "total"}}, "plan.year: must be a whole number from 1900 to 2999"),
    ({"plan": {"year": 2024, "scope": "total", "seasonality": "yes"}}, "plan.seasonality: must be true or false"),
    ({"settings": {"tracking": 3}}, "does not know 'tracking'; allowed: online, neutral"),
    ({"settings": {"leak_share": "much"}}, "settings.leak_share: must be a number from 0 up"),
    ({"settings": {"tracking_days": -1}}, "settings.tracking_days: must be a whole number from 0"),
    ({"settings": {"score_days": 0}}, "settings: score_days: must be from 1 to 3660, not 0"),
    ({"settings": {"leak_share": 60}}, "settings: leak_share: must be from 0 to 1, not 60"),
    ({"periods": {"Q": {**PERIOD, "start": "0001-01-01"}}}, "of the years 1900 to 2999, not '0001-01-01'"),
    ({"lifecycle": ["0001-01"]}, "of the years 1900 to 2999, not '0001-01'"),
]


@pytest.mark.parametrize(("spec", "problem"), NONSENSE, ids=lambda one: one if isinstance(one, str) else "")
def test_nonsense_is_refused_by_key_and_allowed_values(spec: dict[str, Any], problem: str, tmp_path: Path) -> None:
    assert problem in str(refusal(tmp_path, json.dumps(spec)))


@pytest.mark.parametrize(("text", "problem"), [("[]", "must be an object"), ("{", "is no JSON: line 1"), ("", "is no")])
def test_what_is_no_spec_is_refused(text: str, problem: str, tmp_path: Path) -> None:
    assert problem in str(refusal(tmp_path, text))


@pytest.mark.django_db
def test_a_plan_that_nobody_made_is_named_with_those_there_are(tmp_path: Path) -> None:
    call_command("import_canonical", canonical.TINY, stdout=io.StringIO(), stderr=io.StringIO())
    problem = str(refusal(tmp_path, json.dumps({"plan": {"year": 2023, "scope": "total"}})))
    assert "no plan for 2023 net_sales total; there are: 2024 net_sales total" in problem


@pytest.mark.django_db
def test_an_instant_after_the_facts_end_is_refused(tmp_path: Path) -> None:
    call_command("import_canonical", canonical.TINY, stdout=io.StringIO(), stderr=io.StringIO())
    variant = {"period": "Q", "as_of": "2030-01-01T00:00:00Z"}
    problem = str(refusal(tmp_path, json.dumps({"periods": {"Q": PERIOD}, "variants": {"late": variant}})))
    assert "variants.late.as_of: is after the facts end; allowed: 2024-12-31T23:00:00Z or earlier" in problem


def test_a_spec_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"nowhere\.json can't be read: No such file"):
        call_command("kpi_export", "--spec", tmp_path / "nowhere.json", "--out", tmp_path / "answer.json")


@pytest.mark.django_db
def test_an_empty_shop_has_no_figures_and_says_so(tmp_path: Path) -> None:
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps({"periods": {"Q": PERIOD}, "cohort_period": PERIOD}), encoding="utf-8")
    found = exported(spec, tmp_path / "answer.json")["periods"]["Q"]
    assert (found["adoption"]["customer"], found["adoption"]["orders"]) == (None, 0)
    assert (found["finance"]["channels"]["total"]["net"], found["finance"]["channels"]["total"]["gm_pct"]) == (
        "0.00",
        None,
    )
