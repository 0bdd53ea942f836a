"""Categories and items, and by what items are found."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, GistIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.translation import gettext_lazy as _

from erp_sync.mirror.models.base import PRICE, QUANTITY, MirrorRow, in_language


class Category(MirrorRow):
    """A node of the catalogue's tree. `path` holds the erp_ids from the root to this node."""

    names = models.JSONField(default=dict)
    code = models.CharField(max_length=64, blank=True)
    parent_erp_id = models.CharField(max_length=64, blank=True, db_index=True)
    path = ArrayField(models.CharField(max_length=64), default=list)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")

    def __str__(self) -> str:
        return self.name_in("en") or self.erp_id

    def name_in(self, language: str) -> str:
        """Return the name in this language, or the nearest that there is."""
        return in_language(self.names, language)


class Item(MirrorRow):
    """An item. `texts`: language -> {name, description}; `packs`: [{code, names, factor, digits}].

    `attribute_labels`: what the ERP calls its attributes, key -> language -> label.
    `category_ids` holds the erp_ids of its categories and all their ancestors, `own_category_ids`
    only those that the ERP names. `names` is a tsvector over number and names in all languages,
    `search` over all texts, `words` the plain words (lower case, without accents), `facets` its
    filters as "key=value"; `mirror.index` fills these. A number may
    return: only one item that is on sale has a given `sku`.
    """

    sku = models.CharField(max_length=64, db_index=True)
    texts = models.JSONField(default=dict)
    brand = models.CharField(max_length=120, blank=True)
    attributes = models.JSONField(default=dict)
    attribute_labels = models.JSONField(default=dict)
    sales_unit = models.JSONField(default=dict)
    packs = models.JSONField(default=list)
    minimum = models.DecimalField(**QUANTITY, null=True, blank=True)
    multiple = models.DecimalField(**QUANTITY, null=True, blank=True)
    list_price = models.DecimalField(**PRICE, null=True, blank=True)
    image_url = models.CharField(max_length=500, blank=True)
    documents = models.JSONField(default=list)
    replaced_by = models.CharField(max_length=64, blank=True)
    barcodes = ArrayField(models.CharField(max_length=64), default=list)
    category_ids = ArrayField(models.CharField(max_length=64), default=list)
    own_category_ids = ArrayField(models.CharField(max_length=64), default=list)
    is_active = models.BooleanField(default=True)
    names = SearchVectorField(null=True, editable=False)
    search = SearchVectorField(null=True, editable=False)
    words = models.TextField(blank=True, editable=False)
    facets = ArrayField(models.TextField(), default=list, editable=False)

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        indexes: ClassVar[list[models.Index]] = [
            GinIndex(fields=["names"], name="item_names"),
            GinIndex(fields=["search"], name="item_search"),
            GinIndex(fields=["barcodes"], name="item_barcodes"),
            GinIndex(fields=["category_ids"], name="item_categories"),
            GinIndex(fields=["facets"], name="item_facets"),
            GinIndex(fields=["sku"], name="item_sku_part", opclasses=["gin_trgm_ops"]),
            models.Index(fields=["is_active", "sku"], name="item_active"),
            models.Index(fields=["replaced_by"], name="item_replaced_by", condition=~models.Q(replaced_by="")),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["sku"],
                condition=models.Q(is_active=True, gone_at__isnull=True),
                name="item_sku_on_sale_once",
            )
        ]

    def __str__(self) -> str:
        return self.sku

    def name_in(self, language: str) -> str:
        """Return the name in this language, or the nearest that there is."""
        return in_language({key: text["name"] for key, text in self.texts.items()}, language)


class ItemWord(models.Model):
    """A word that items are found by, and by how many: what a mistyped word is corrected to."""

    word = models.CharField(max_length=64, unique=True)
    items = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("word of items")
        verbose_name_plural = _("words of items")
        indexes: ClassVar[list[models.Index]] = [
            GistIndex(fields=["word"], name="item_word_alike", opclasses=["gist_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return self.word


class SafetySheet(models.Model):
    """A version of an item's safety data sheet that was seen in the ERP: what is not here yet is new."""

    sku = models.CharField(max_length=64)
    language = models.CharField(max_length=5, blank=True)
    document_erp_id = models.CharField(max_length=64)
    dated_on = models.DateField(null=True, blank=True)
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("safety data sheet")
        verbose_name_plural = _("safety data sheets")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["sku", "document_erp_id", "dated_on"], nulls_distinct=False, name="safety_sheet_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.sku} {self.language} {self.dated_on}"
