"""Events and the channels of orders in the administration: to be looked at, in words."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from adoption.events.models import Event, OrderChannel
from adoption.events.words import ACTORS, KINDS, OBJECTS, RULES, word
from adoption.managers import OfCompany
from adoption.reports.words import channel_word


class FactAdmin(admin.ModelAdmin):
    """Facts to look at; nobody edits one."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Facts come from the shop."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Facts stay."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Facts stay."""
        return False


class InWords(admin.AllValuesFieldListFilter):
    """A filter by the values that occur, in words."""

    words: ClassVar[dict[str, Any]] = {**KINDS, **ACTORS, **{str(rule): words for rule, words in RULES.items()}}

    def choices(self, changelist: Any) -> Any:
        """Name the values."""
        for one in super().choices(changelist):
            value = str(one["display"])
            yield {**one, "display": self.words.get(value, channel_word(value))}


@admin.register(Event)
class EventAdmin(OfCompany, FactAdmin):
    """Events as they were recorded."""

    list_display = ("occurred_at", "what", "by", "company", "about", "object_id")
    list_filter = (("kind", InWords), ("actor", InWords))
    search_fields = ("event_id", "account_id", "object_id")
    date_hierarchy = "occurred_at"

    @admin.display(description=_("what happened"), ordering="kind")
    def what(self, event: Event) -> str:
        """Return the kind in words."""
        return word(KINDS, event.kind)

    @admin.display(description=_("who"), ordering="actor")
    def by(self, event: Event) -> str:
        """Return who did it: a buyer, a rep, staff, the system."""
        return word(ACTORS, event.actor)

    @admin.display(description=_("kind of object"), ordering="object_type")
    def about(self, event: Event) -> str:
        """Return what it was about."""
        return word(OBJECTS, event.object_type)


@admin.register(OrderChannel)
class OrderChannelAdmin(FactAdmin):
    """The channel that was decided for each order, with its rule."""

    list_display = ("order_key", "channel_name", "why", "decided_at")
    list_filter = (("channel", InWords), ("rule", InWords))
    search_fields = ("order_key",)

    @admin.display(description=_("channel"), ordering="channel")
    def channel_name(self, row: OrderChannel) -> str:
        """Return the channel in words."""
        return channel_word(row.channel)

    @admin.display(description=_("rule"), ordering="rule")
    def why(self, row: OrderChannel) -> str:
        """Return the rule that decided, in words."""
        return word(RULES, row.rule)
