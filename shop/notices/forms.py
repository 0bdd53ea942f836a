"""The form of the settings: one choice for each event."""

from __future__ import annotations

from typing import Any

from django import forms

from shop.notices.events import GROUPS, Event
from shop.notices.models import Channel


class SettingsForm(forms.Form):
    """How somebody wants to be told of each event; the fields are the events that he can be told of."""

    def __init__(self, *args: Any, chosen: list[tuple[Event, Channel]], **kwargs: Any) -> None:
        """Make a field for each event, with what holds now."""
        super().__init__(*args, **kwargs)
        self._events = [event for event, _channel in chosen]
        for event, channel in chosen:
            self.fields[event.key] = forms.ChoiceField(
                label=str(event.label),
                choices=[(one.value, one.label) for one in event.channels],
                initial=channel.value,
            )

    def groups(self) -> list[tuple[str, list[tuple[Event, forms.BoundField]]]]:
        """Return the fields by group, in the order of the events."""
        return [
            (str(title), [(event, self[event.key]) for event in self._events if event.group == key])
            for key, title in GROUPS.items()
            if any(event.group == key for event in self._events)
        ]
