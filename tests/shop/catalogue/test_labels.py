"""Facts of items carry the ERP's own names, in the reader's language."""

import pytest
from django.utils import translation

from erp_sync.mirror.search import find_items
from shop.catalogue.labels import label_of
from shop.catalogue.texts import specification
from tests.builders import catalogue

LABELS = {"drive": {"en": "Drive type", "es": "Tipo de cabeza"}}


@pytest.mark.django_db
def test_the_erps_label_stands_in_the_specification_and_above_the_filter() -> None:
    item = catalogue.item(attributes={"drive": {"en": "Hex"}}, attribute_labels=LABELS)
    catalogue.item(attributes={"drive": {"en": "Torx"}}, attribute_labels=LABELS)
    with translation.override("es"):
        assert [(fact.label, fact.value) for fact in specification(item)] == [("Tipo de cabeza", "Hex")]
    found = find_items(query="", customer_erp_id="c1", language="es")
    assert [(facet.key, facet.labels) for facet in found.facets] == [("drive", LABELS["drive"])]


def test_the_shops_word_comes_before_the_erps_in_another_language() -> None:
    with translation.override("en"):
        assert label_of("material", {"es": "Materia"}) == "Material"
        assert label_of("material", {"en": "Stuff"}) == "Stuff"
        assert label_of("drive", {"es": "Cabeza"}) == "Cabeza"
        assert label_of("drive_type") == "Drive type"
