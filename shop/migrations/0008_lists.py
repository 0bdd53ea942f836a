"""Fast ordering: lists, saved baskets, recurring orders, order pads, accepted replacements."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Fast ordering: lists, saved baskets, recurring orders, order pads, accepted replacements."""

    dependencies = [("shop", "0007_costs"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="ItemList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80)),
                ("kind", models.CharField(choices=[("list", "list"), ("basket", "saved basket"), ("favourites", "favourites")], default="list", max_length=10)),
                ("is_shared", models.BooleanField(default=False)),
                ("customer_reference", models.CharField(blank=True, max_length=120)),
                ("revision", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                ("changed_by", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("owner", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="item_lists", to=settings.AUTH_USER_MODEL)),
                ("sold_to", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="item_lists", to="accounts.soldto")),
            ],
            options={
                "verbose_name": "list of items",
                "verbose_name_plural": "lists of items",
            },
        ),
        migrations.CreateModel(
            name="ItemListChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("revision", models.PositiveIntegerField()),
                ("at", models.DateTimeField()),
                ("what", models.CharField(max_length=10)),
                ("sku", models.CharField(blank=True, max_length=64)),
                ("before", models.CharField(blank=True, max_length=80)),
                ("after", models.CharField(blank=True, max_length=80)),
                ("by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("item_list", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="changes", to="shop.itemlist")),
            ],
            options={
                "verbose_name": "change of a list",
                "verbose_name_plural": "changes of lists",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="ItemListLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sku", models.CharField(max_length=64)),
                ("quantity", models.DecimalField(blank=True, decimal_places=4, max_digits=16, null=True)),
                ("note", models.CharField(blank=True, max_length=200)),
                ("position", models.PositiveIntegerField(default=0)),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                ("item_list", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="shop.itemlist")),
            ],
            options={
                "verbose_name": "line of a list",
                "verbose_name_plural": "lines of lists",
                "ordering": ["position", "id"],
            },
        ),
        migrations.CreateModel(
            name="Pad",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("leftover", models.TextField(blank=True)),
                ("last_key", models.UUIDField(blank=True, null=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("sold_to", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="order_pads", to="accounts.soldto")),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="order_pads", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "verbose_name": "order pad",
                "verbose_name_plural": "order pads",
            },
        ),
        migrations.CreateModel(
            name="PadRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("row", models.PositiveIntegerField()),
                ("source", models.CharField(default="typed", max_length=10)),
                ("first_typed", models.CharField(blank=True, max_length=200)),
                ("typed", models.CharField(blank=True, max_length=200)),
                ("typed_quantity", models.CharField(blank=True, max_length=60)),
                ("sku", models.CharField(blank=True, max_length=64)),
                ("found_by", models.CharField(blank=True, max_length=10)),
                ("choices", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=64), blank=True, default=list, size=None)),
                ("quantity", models.DecimalField(blank=True, decimal_places=4, max_digits=16, null=True)),
                ("state", models.CharField(choices=[("new", "being checked"), ("ready", "ready"), ("wrong", "to correct")], default="new", max_length=5)),
                ("is_taken", models.BooleanField(default=True)),
                ("order_sku", models.CharField(blank=True, max_length=64)),
                ("order_quantity", models.DecimalField(blank=True, decimal_places=4, max_digits=16, null=True)),
                ("verdicts", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, size=None)),
                ("missing", models.DecimalField(decimal_places=4, default=0, max_digits=16)),
                ("expected_on", models.DateField(blank=True, null=True)),
                ("net_price", models.DecimalField(blank=True, decimal_places=4, max_digits=16, null=True)),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("priced_at", models.DateTimeField(blank=True, null=True)),
                ("pad", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="rows", to="shop.pad")),
            ],
            options={
                "verbose_name": "line of an order pad",
                "verbose_name_plural": "lines of order pads",
                "ordering": ["row", "id"],
            },
        ),
        migrations.CreateModel(
            name="RecurringOrder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("every", models.PositiveSmallIntegerField(default=1)),
                ("unit", models.CharField(choices=[("weeks", "weeks"), ("months", "months")], default="months", max_length=6)),
                ("day", models.PositiveSmallIntegerField(default=1)),
                ("next_on", models.DateField()),
                ("reminded_on", models.DateField(blank=True, null=True)),
                ("released_at", models.DateTimeField(blank=True, null=True)),
                ("item_list", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name="recurring", to="shop.itemlist")),
                ("person", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "verbose_name": "recurring order",
                "verbose_name_plural": "recurring orders",
            },
        ),
        migrations.CreateModel(
            name="Substitution",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=200)),
                ("sku", models.CharField(max_length=64)),
                ("accepted_at", models.DateTimeField()),
                ("accepted_by", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("sold_to", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="substitutions", to="accounts.soldto")),
            ],
            options={
                "verbose_name": "accepted replacement",
                "verbose_name_plural": "accepted replacements",
            },
        ),
        migrations.AddIndex(
            model_name="itemlist",
            index=models.Index(fields=["sold_to", "-changed_at"], name="lists_of_company"),
        ),
        migrations.AddConstraint(
            model_name="itemlist",
            constraint=models.UniqueConstraint(condition=models.Q(("kind", "favourites")), fields=("owner", "sold_to"), name="one_list_of_favourites"),
        ),
        migrations.AddConstraint(
            model_name="itemlistline",
            constraint=models.UniqueConstraint(fields=("item_list", "sku"), name="list_line_once"),
        ),
        migrations.AddConstraint(
            model_name="itemlistline",
            constraint=models.CheckConstraint(condition=models.Q(("quantity__isnull", True), ("quantity__gt", 0), _connector="OR"), name="list_quantity_positive"),
        ),
        migrations.AddConstraint(
            model_name="pad",
            constraint=models.UniqueConstraint(fields=("user", "sold_to"), name="one_pad"),
        ),
        migrations.AddIndex(
            model_name="padrow",
            index=models.Index(fields=["pad", "state", "row"], name="pad_row_state"),
        ),
        migrations.AddIndex(
            model_name="recurringorder",
            index=models.Index(fields=["next_on"], name="recurring_next"),
        ),
        migrations.AddConstraint(
            model_name="substitution",
            constraint=models.UniqueConstraint(fields=("sold_to", "number"), name="substitution_once"),
        ),
    ]
