"""Tables of the mirror. Rows are written by `mirror.sync` alone; everybody else reads."""

from __future__ import annotations

from typing import ClassVar, TypedDict

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, GistIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.translation import gettext_lazy as _


class _Digits(TypedDict):
    max_digits: int
    decimal_places: int


MONEY: _Digits = {"max_digits": 16, "decimal_places": 2}
PRICE: _Digits = {"max_digits": 16, "decimal_places": 4}
QUANTITY: _Digits = {"max_digits": 16, "decimal_places": 4}


def in_language(texts: dict[str, str], language: str) -> str:
    """Return the text in `language` ("es-mx": also "es"), else in English, else in any, else ""."""
    for wanted in (language, language.split("-")[0], "en"):
        if texts.get(wanted):
            return texts[wanted]
    return next((text for text in texts.values() if text), "")


class MirrorRow(models.Model):
    """What every mirrored record has: the ERP's id, its version there, and when we copied it.

    `gone_at` is set when the nightly comparison of keys no longer finds the record; rows are never
    deleted. `fingerprint` is a digest of what the ERP sent: a record that comes again unchanged is
    not written again.
    """

    erp_id = models.CharField(max_length=64, unique=True)
    version = models.DateTimeField()
    fingerprint = models.CharField(max_length=32, blank=True, editable=False)
    synced_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


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

    def description_in(self, language: str) -> str:
        """Return the description in this language, or the nearest that there is."""
        return in_language({key: text["description"] for key, text in self.texts.items()}, language)


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


class Customer(MirrorRow):
    """A customer company as the ERP knows it."""

    number = models.CharField(max_length=64, db_index=True)
    name = models.CharField(max_length=200)
    tax_number = models.CharField(max_length=40, blank=True)
    price_list = models.CharField(max_length=64, blank=True)
    payment_term = models.CharField(max_length=120, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    rep_name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"


class Address(models.Model):
    """A place of a customer: ship-to when `is_delivery`, bill-to when `is_invoice`."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="addresses")
    erp_id = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200, blank=True)
    street = models.CharField(max_length=300, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=120, blank=True)
    country = models.CharField(max_length=2, blank=True)
    is_delivery = models.BooleanField(default=True)
    is_invoice = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")

    def __str__(self) -> str:
        place = f"{self.postal_code} {self.city}".strip()
        return ", ".join(part for part in (self.name, self.street, place) if part)


class Contact(models.Model):
    """A way to reach a customer."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="contacts")
    kind = models.CharField(max_length=20)
    value = models.CharField(max_length=254)
    name = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")

    def __str__(self) -> str:
        return f"{self.kind}: {self.value}"


class OwnPartNumber(models.Model):
    """The buyer's own number for an item."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="own_part_numbers")
    sku = models.CharField(max_length=64, db_index=True)
    number = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("own part number")
        verbose_name_plural = _("own part numbers")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["customer", "number", "sku"], name="own_part_once")
        ]

    def __str__(self) -> str:
        return f"{self.number} = {self.sku}"


class Order(MirrorRow):
    """An order of any channel. Field meanings: `records.OrderRecord`."""

    number = models.CharField(max_length=64, db_index=True)
    customer_erp_id = models.CharField(max_length=64)
    status = models.CharField(max_length=20)
    step = models.CharField(max_length=20, blank=True)
    placed_at = models.DateTimeField()
    time_known = models.BooleanField(default=True)
    currency = models.CharField(max_length=3)
    channel_hint = models.CharField(max_length=20)
    web_reference = models.CharField(max_length=40, blank=True, db_index=True)
    customer_reference = models.CharField(max_length=120, blank=True)
    untaxed_total = models.DecimalField(**MONEY, null=True, blank=True)
    tax_total = models.DecimalField(**MONEY, null=True, blank=True)
    total = models.DecimalField(**MONEY, null=True, blank=True)
    requested_on = models.DateField(null=True, blank=True)
    is_return = models.BooleanField(default=False)
    ship_to = models.CharField(max_length=500, blank=True)
    ship_to_erp_id = models.CharField(max_length=64, blank=True)
    placed_by = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["customer_erp_id", "-placed_at"], name="order_of_customer"),
            models.Index(fields=["placed_at"], name="order_placed"),
        ]

    def __str__(self) -> str:
        return self.number


class OrderLine(models.Model):
    """One line of an order; quantities in `unit`."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    erp_id = models.CharField(max_length=64, db_index=True)
    line_no = models.PositiveIntegerField()
    sku = models.CharField(max_length=64, blank=True, db_index=True)
    description = models.CharField(max_length=500, blank=True)
    item_type = models.CharField(max_length=20, default="goods")
    quantity = models.DecimalField(**QUANTITY)
    quantity_delivered = models.DecimalField(**QUANTITY, default=0)
    quantity_cancelled = models.DecimalField(**QUANTITY, default=0)
    unit = models.CharField(max_length=40, blank=True)
    net_price = models.DecimalField(**PRICE)
    list_price = models.DecimalField(**PRICE, null=True, blank=True)
    unit_cost = models.DecimalField(**PRICE, null=True, blank=True)
    amount = models.DecimalField(**MONEY, null=True, blank=True)
    promised_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering: ClassVar[list[str]] = ["line_no"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["order", "line_no"], name="mirror_order_line_once")
        ]

    def __str__(self) -> str:
        return f"{self.line_no}: {self.sku} x {self.quantity}"


class Delivery(MirrorRow):
    """A shipment. Field meanings: `records.DeliveryRecord`."""

    number = models.CharField(max_length=64, db_index=True)
    customer_erp_id = models.CharField(max_length=64, db_index=True)
    state = models.CharField(max_length=20)
    planned_on = models.DateField(null=True, blank=True)
    shipped_on = models.DateField(null=True, blank=True)
    delivered_on = models.DateField(null=True, blank=True)
    carrier = models.CharField(max_length=120, blank=True)
    tracking_number = models.CharField(max_length=120, blank=True)
    tracking_url = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")

    def __str__(self) -> str:
        return self.number


class DeliveryLine(models.Model):
    """What a delivery brings of an order line."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="lines")
    order_erp_id = models.CharField(max_length=64, db_index=True)
    order_line_erp_id = models.CharField(max_length=64, blank=True, db_index=True)
    sku = models.CharField(max_length=64, blank=True)
    quantity = models.DecimalField(**QUANTITY)
    unit = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = _("delivery line")
        verbose_name_plural = _("delivery lines")

    def __str__(self) -> str:
        return f"{self.sku} x {self.quantity}"


class Invoice(MirrorRow):
    """An invoice or credit note. Field meanings: `records.InvoiceRecord`."""

    number = models.CharField(max_length=64, db_index=True)
    customer_erp_id = models.CharField(max_length=64)
    kind = models.CharField(max_length=10)
    state = models.CharField(max_length=20)
    invoiced_on = models.DateField()
    due_on = models.DateField(null=True, blank=True)
    paid_on = models.DateField(null=True, blank=True)
    currency = models.CharField(max_length=3)
    untaxed_total = models.DecimalField(**MONEY)
    tax_total = models.DecimalField(**MONEY)
    total = models.DecimalField(**MONEY)
    amount_due = models.DecimalField(**MONEY)
    order_numbers = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    customer_references = ArrayField(models.CharField(max_length=120), default=list, blank=True)

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["customer_erp_id", "-invoiced_on"], name="invoice_of_customer"),
        ]

    def __str__(self) -> str:
        return self.number


class InvoiceLine(models.Model):
    """One line of an invoice; quantities positive in credit notes too."""

    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="lines")
    erp_id = models.CharField(max_length=64, db_index=True)
    line_no = models.PositiveIntegerField()
    sku = models.CharField(max_length=64, blank=True, db_index=True)
    description = models.CharField(max_length=500, blank=True)
    item_type = models.CharField(max_length=20, default="goods")
    quantity = models.DecimalField(**QUANTITY)
    unit = models.CharField(max_length=40, blank=True)
    net_price = models.DecimalField(**PRICE)
    list_price = models.DecimalField(**PRICE, null=True, blank=True)
    unit_cost = models.DecimalField(**PRICE, null=True, blank=True)
    amount = models.DecimalField(**MONEY)
    order_erp_id = models.CharField(max_length=64, blank=True, db_index=True)
    order_line_erp_id = models.CharField(max_length=64, blank=True, db_index=True)

    class Meta:
        verbose_name = _("invoice line")
        verbose_name_plural = _("invoice lines")
        ordering: ClassVar[list[str]] = ["line_no"]

    def __str__(self) -> str:
        return f"{self.line_no}: {self.sku} x {self.quantity}"


class Payment(MirrorRow):
    """Money received."""

    customer_erp_id = models.CharField(max_length=64, db_index=True)
    invoice_erp_id = models.CharField(max_length=64, blank=True, db_index=True)
    paid_on = models.DateField()
    amount = models.DecimalField(**MONEY)
    currency = models.CharField(max_length=3)
    via = models.CharField(max_length=20)
    state = models.CharField(max_length=20)
    reference = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


class Return(MirrorRow):
    """Goods that came back or will."""

    number = models.CharField(max_length=64, blank=True)
    customer_erp_id = models.CharField(max_length=64, db_index=True)
    state = models.CharField(max_length=20)
    order_erp_id = models.CharField(max_length=64, blank=True, db_index=True)
    order_line_erp_id = models.CharField(max_length=64, blank=True)
    sku = models.CharField(max_length=64, blank=True)
    quantity = models.DecimalField(**QUANTITY)
    reason = models.CharField(max_length=500, blank=True)
    requested_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = _("return")
        verbose_name_plural = _("returns")

    def __str__(self) -> str:
        return self.number or self.erp_id


class SyncState(models.Model):
    """Where the pull of one kind stands. `page_id` is set while a run is unfinished, so that it resumes.

    `changed_at` is the cursor: of the unfinished run, else the ERP's clock when the last complete
    run began. `horizon_at` and `begun_at` are the ERP's clock and ours when the unfinished run
    began. `last_success_at` is when
    the last complete run began by our clock: the mirror is at least as fresh as that.
    """

    kind = models.CharField(max_length=20, unique=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    page_id = models.CharField(max_length=64, blank=True)
    horizon_at = models.DateTimeField(null=True, blank=True)
    begun_at = models.DateTimeField(null=True, blank=True)
    highest_version = models.DateTimeField(null=True, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=500, blank=True)
    last_error_at = models.DateTimeField(null=True, blank=True)
    keys_compared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("sync state")
        verbose_name_plural = _("sync states")

    def __str__(self) -> str:
        return self.kind


class SyncRun(models.Model):
    """One run of the pull for one kind, with its counts, for people."""

    kind = models.CharField(max_length=20, db_index=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    expected = models.PositiveIntegerField(null=True, blank=True)
    seen = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    quarantined = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    is_full = models.BooleanField(default=False)
    asked_by = models.CharField(max_length=254, blank=True)

    class Meta:
        verbose_name = _("sync run")
        verbose_name_plural = _("sync runs")
        ordering: ClassVar[list[str]] = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.kind} {self.started_at:%Y-%m-%d %H:%M}"


class Quarantine(models.Model):
    """A record that could not be read; it is tried again whenever the ERP sends it again."""

    kind = models.CharField(max_length=20)
    erp_id = models.CharField(max_length=64)
    reason = models.CharField(max_length=500)
    raw = models.TextField(blank=True)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("quarantined record")
        verbose_name_plural = _("quarantined records")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["kind", "erp_id"], name="quarantine_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.erp_id}"
