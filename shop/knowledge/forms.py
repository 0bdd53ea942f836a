"""An article as staff write it."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from erp_sync.mirror.tree import category_tree
from shop.knowledge.models import Article
from shop.skus import typed_skus

RESERVED = frozenset({"suggest"})
MOST_ITEMS = 100


class ArticleForm(forms.ModelForm):
    """The article's fields; its items as numbers one below the other."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    category_erp_id = forms.ChoiceField(label=_("Shown beside the items of a category"), required=False)
    numbers = forms.CharField(
        label=_("Shown beside these items"),
        required=False,
        help_text=_("Numbers, one on each line."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    class Meta:
        model = Article
        fields: ClassVar[list[str]] = [
            "title", "body", "language", "topic", "subject", "tags", "category_erp_id", "published_on", "until_on",
            "is_public",
        ]  # fmt: skip
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "title": forms.TextInput(attrs={"size": 80}),
            "tags": forms.TextInput(attrs={"size": 80}),
            "body": forms.Textarea(attrs={"rows": 24, "cols": 100}),
        }
        help_texts: ClassVar[dict[str, Any]] = {
            "topic": _("The same in all languages, for instance choose-a-screw."),
            "body": _(
                "## heading, - list, 1. numbered list, **bold**, *emphasis*, [words](/items/A-1/). "
                "An empty line begins a new paragraph."
            ),
            "published_on": _("Empty: a draft that nobody sees."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tree, language = category_tree(), get_language() or "en"
        nodes = [(node.erp_id, " / ".join(one.name_in(language) for one in tree.trail(node.erp_id)))
                 for node in tree.nodes.values()]  # fmt: skip
        category = cast("forms.ChoiceField", self.fields["category_erp_id"])
        category.choices = [("", "-"), *sorted(nodes, key=lambda node: node[1])]
        self.initial.setdefault("numbers", "\n".join(self.instance.skus))

    def clean_topic(self) -> str:
        """Refuse an address that another page has."""
        topic = str(self.cleaned_data["topic"])
        if topic in RESERVED:
            raise forms.ValidationError(_("This address is taken. Choose another one."))
        return topic

    def clean_numbers(self) -> list[str]:
        """Refuse numbers that no item has."""
        return typed_skus(self.cleaned_data["numbers"], most=MOST_ITEMS)

    def clean(self) -> dict[str, Any]:
        """Refuse days in the wrong order."""
        cleaned: dict[str, Any] = super().clean() or {}
        since, until = cleaned.get("published_on"), cleaned.get("until_on")
        if since and until and until < since:
            self.add_error("until_on", _("It must end after it starts."))
        return cleaned

    def save(self, commit: bool = True) -> Article:  # noqa: FBT001, FBT002 (Django's own)
        """Keep the items as a list."""
        self.instance.skus = self.cleaned_data["numbers"]
        article: Article = super().save(commit=commit)
        return article
