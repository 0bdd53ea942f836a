"""ERP_OPTIONS of an adapter, read alike everywhere: a slip of the pen is told in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from erp_sync.adapters.channels import ChannelRule
from erp_sync.errors import ErpMisconfigured


def given(
    options: type, values: Mapping[str, Any], channel_rules: Callable[[Any], tuple[ChannelRule, ...]]
) -> dict[str, Any]:
    """Return the values of a settings dict for a dataclass of options: lists as tuples, channels as rules.

    Raises:
        ErpMisconfigured: an option does not exist, or a rule makes no sense.
    """
    unknown = set(values) - {one.name for one in fields(options)}
    if unknown:
        raise ErpMisconfigured(f"ERP_OPTIONS has unknown names: {', '.join(sorted(unknown))}")
    told = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    return told | ({"channels": channel_rules(told["channels"])} if "channels" in told else {})
