"""Channel rules: the first that fits, capitals aside; a start, anything, nothing."""

import pytest

from erp_sync.adapters.channels import first_that_fits, rules_of
from erp_sync.errors import ErpMisconfigured
from erp_sync.records import Channel

RULES = rules_of([("number", "EDI-*", "edi"), ("source", "Phone", "phone"), ("rep", "*", "rep")])


@pytest.mark.parametrize(
    ("row", "channel"),
    [
        ({"number": "edi-77", "source": "phone"}, Channel.EDI),
        ({"number": "77", "source": "PHONE"}, Channel.PHONE),
        ({"source": "telephone", "rep": "Ana"}, Channel.REP),
        ({"source": "", "rep": ""}, Channel.UNKNOWN),
        ({}, Channel.UNKNOWN),
    ],
)
def test_the_first_rule_that_fits_counts(row: dict[str, str], channel: Channel) -> None:
    assert first_that_fits(RULES, lambda name: row.get(name, "")) is channel


@pytest.mark.parametrize("rule", [("source", "phone"), ("source", "phone", "telegraph")])
def test_a_rule_that_is_none_is_refused_with_the_settings_name(rule: tuple[str, ...]) -> None:
    with pytest.raises(ErpMisconfigured, match="channels"):
        rules_of([rule])
