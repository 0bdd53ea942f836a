"""What a person types finds the item that he means."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from erp_sync import records as r
from erp_sync.adapters.fake import FakeErp
from erp_sync.mirror import index, search, sync, words
from erp_sync.mirror.hits import Hits
from erp_sync.mirror.models import Item, ItemWord
from tests.erp_sync.mirror import facts

pytestmark = pytest.mark.django_db


def texts(es: str, en: str, description: str = "") -> dict[str, r.Text]:
    return {"es": r.Text(es, description), "en": r.Text(en)}


ITEMS = [
    facts.item(
        "TOR-8841-A2",
        texts=texts("Tornillo hexagonal M8x40 latón", "Hex bolt M8x40 brass"),
        brand="Norvik",
        barcodes=("8400000000017",),
        category_erp_ids=("bolts",),
        attributes={"material": {"es": "Latón", "en": "Brass"}, "grade": {"en": "8.8"}},
    ),
    facts.item(
        "TOR-9002-A4",
        texts=texts("Tornillo Allen M6x20 inoxidable", "Socket screw M6x20 stainless"),
        brand="Kranz",
        category_erp_ids=("bolts",),
        attributes={"material": {"es": "Acero inoxidable", "en": "Stainless steel"}},
    ),
    facts.item(
        "GUA-0001",
        texts=texts("Guantes de nitrilo", "Nitrile gloves", "No usar con un tornillo giratorio."),
        brand="Pinzón",
        category_erp_ids=("gloves",),
    ),
    facts.item("PEG84200", texts=texts("Pegamento rápido", "Fast glue"), brand="Sólida"),
    facts.item("OLD-1", texts=texts("Tornillo antiguo", "Old bolt"), is_active=False),
]


@pytest.fixture(autouse=True)
def _catalogue() -> None:
    erp = FakeErp()
    for category in (
        facts.category("fasteners", names={"es": "Tornillería", "en": "Fasteners"}),
        facts.category("bolts", "fasteners", names={"es": "Tornillos", "en": "Bolts"}),
        facts.category("gloves", names={"es": "Guantes", "en": "Gloves"}),
    ):
        erp.put("categories", category)
    for item in ITEMS:
        erp.put("items", item)
    erp.put("customers", facts.customer("c1", own_part_numbers=(("GUA-0001", "Mío 77"),)))
    erp.put("customers", facts.customer("c2"))
    sync.pull_all(kinds=["categories", "items", "customers"], now=facts.NOW, erp=erp)


def find(query: str, **more: Any) -> Hits:
    ask: dict[str, Any] = {"customer_erp_id": "c1", "language": "es"}
    return search.find_items(query=query, **(ask | more))


def skus(query: str, **more: Any) -> list[str]:
    return [item.sku for item in find(query, **more).items]


@pytest.mark.parametrize(
    "query",
    [
        "tornillo hexagonal",
        "Tornillos Hexagonales",  # plural
        "TORNILLO LATON",  # no accent
        "tornillo de latón",  # small word
        "hex bolts",  # the other language
        "bolt brass",
        "tornillo hexag",  # unfinished
        "m8x40",
        "TOR-8841-A2",
        "tor-8841-a2",
        "tor8841a2",  # no separators
        "8841",  # in the middle
        "8841-A",
        "8400000000017",  # barcode
        "8400 0000 00017",
        "norvik tornillo",  # brand
        "hexagonal 8.8",  # attribute
    ],
)
def test_this_finds_the_bolt_and_nothing_else(query: str) -> None:
    found = find(query)
    assert [item.sku for item in found.items] == ["TOR-8841-A2"]
    assert (found.total, found.total_is_lower_bound, found.corrected_to) == (1, False, "")


def test_spanish_stems_join_what_english_ones_do_not() -> None:
    found = find("pegamentos rápidas")
    assert ([item.sku for item in found.items], found.corrected_to) == (["PEG84200"], "")


@pytest.mark.parametrize(
    ("query", "corrected"),
    [
        ("tornilo hexagonal", "tornillo hexagonal"),
        ("tronillo hexagonal", "tornillo hexagonal"),
        ("hexagnal", "hexagonal"),
        ("norvick", "norvik"),
        ("tornilo hexag", "tornillo hexag"),
    ],
)
def test_a_typing_error_is_corrected_and_said(query: str, corrected: str) -> None:
    found = find(query)
    assert [item.sku for item in found.items] == ["TOR-8841-A2"]
    assert found.corrected_to == corrected


@pytest.mark.parametrize(("query", "corrected"), [("tuecra", "tuerca"), ("tonrillo", "tornillo")])
def test_two_swapped_letters_find_the_word(query: str, corrected: str) -> None:
    erp = FakeErp()
    erp.put("items", facts.item("TUE-1", texts=texts("Tuerca", "Nut")))
    sync.pull(kind="items", now=facts.NOW, full=True, erp=erp)
    found = find(query)
    assert found.corrected_to == corrected


@pytest.mark.parametrize("query", ["xqzwv", "zzz tornillo", "tor'nix\\\\ &|!:*()", "%%%7", "8_4", "'; --7"])
def test_nonsense_finds_nothing_and_is_not_corrected(query: str) -> None:
    found = find(query)
    assert (found.items, found.total, found.corrected_to) == ([], 0, "")


@pytest.mark.parametrize("query", ["", " ", "%", "_", "'", "🙂", "\x00", "¿?"])
def test_signs_alone_are_no_query(query: str) -> None:
    assert find(query).total == 4


def test_names_come_before_descriptions() -> None:
    assert skus("tornillo") == ["TOR-9002-A4", "TOR-8841-A2", "GUA-0001"]


def test_a_part_of_a_number_matches_as_it_is_written() -> None:
    assert skus("842") == ["PEG84200"]
    assert skus("8%2") == []


def test_a_whole_word_comes_before_the_beginning_of_another() -> None:
    erp = FakeErp()
    erp.put("items", facts.item("A-1", texts=texts("Destornillador", "Screwdriver")))
    erp.put("items", facts.item("Z-9", texts=texts("Tirafondo", "Wood screw")))
    sync.pull(kind="items", now=facts.NOW, full=True, erp=erp)
    assert skus("screw") == ["Z-9", "TOR-9002-A4", "A-1"]


def test_a_short_part_of_a_number_is_not_taken_for_words() -> None:
    assert skus("OR-8") == ["TOR-8841-A2"]
    assert skus("r-9") == ["TOR-9002-A4"]


def test_the_customers_own_number_finds_the_item_for_him_alone() -> None:
    assert skus("mío 77") == ["GUA-0001"]
    assert skus("mío 77", customer_erp_id="c2") == []


def test_an_exact_number_comes_first() -> None:
    Item.objects.filter(sku="GUA-0001").update(texts={"en": {"name": "Box for PEG84200 PEG84200", "description": ""}})
    index.fill_items(["item-GUA-0001"])
    assert skus("PEG84200") == ["PEG84200", "GUA-0001"]


def test_a_withdrawn_item_is_not_found() -> None:
    assert skus("tornillo antiguo") == []
    assert skus("OLD-1") == []


def test_facets_count_the_hits_in_the_readers_language() -> None:
    found = find("tornillo", category_erp_id="fasteners")
    assert [(c.node.name_in("es"), c.count) for c in found.categories] == [("Tornillos", 2)]
    assert {facet.key: [(v.value, v.label, v.count) for v in facet.values] for facet in found.facets} == {
        "brand": [("Kranz", "Kranz", 1), ("Norvik", "Norvik", 1)],
        "material": [("Brass", "Latón", 1), ("Stainless steel", "Acero inoxidable", 1)],
    }


def test_filters_narrow_and_stay_chosen() -> None:
    found = find("tornillo", filters={"material": ["Brass"], "brand": []})
    assert [item.sku for item in found.items] == ["TOR-8841-A2"]
    chosen = [(f.key, v.value) for f in found.facets for v in f.values if v.is_chosen]
    assert chosen == [("material", "Brass")]
    assert skus("tornillo", filters={"brand": ["Norvik", "Kranz"]}) == ["TOR-9002-A4", "TOR-8841-A2"]
    assert skus("tornillo", filters={"material": ["Gold"]}) == []


@pytest.mark.parametrize("query", ["tornillo", ""])
def test_the_values_of_a_chosen_fact_are_counted_without_that_choice(query: str) -> None:
    found = find(query, category_erp_id="bolts", filters={"material": ["Brass"]})
    assert [item.sku for item in found.items] == ["TOR-8841-A2"]
    counted = {facet.key: {(v.value, v.count, v.is_chosen) for v in facet.values} for facet in found.facets}
    assert counted == {"material": {("Brass", 1, True), ("Stainless steel", 1, False)}}
    both = find(query, category_erp_id="bolts", filters={"material": ["Brass"], "brand": ["Kranz"]})
    assert both.total == 0
    assert {(v.value, v.count) for facet in both.facets for v in facet.values} == {
        ("Stainless steel", 1),  # what Kranz sells
        ("Norvik", 1),  # who sells brass
    }


def test_without_words_a_category_is_listed_with_all_below() -> None:
    found = find("", category_erp_id="fasteners")
    assert [item.sku for item in found.items] == ["TOR-8841-A2", "TOR-9002-A4"]
    assert found.total == 2
    assert skus("") == ["GUA-0001", "PEG84200", "TOR-8841-A2", "TOR-9002-A4"]
    assert skus("", sort="name") == ["GUA-0001", "PEG84200", "TOR-9002-A4", "TOR-8841-A2"]
    assert skus("", category_erp_id="nope") == []
    assert [(c.node.erp_id, c.count) for c in find("").categories] == [("fasteners", 2), ("gloves", 1)]


def test_pages_go_on_where_the_last_one_ended() -> None:
    assert skus("", per_page=3, page=2) == ["TOR-9002-A4"]
    assert skus("tornillo", per_page=2, page=2) == ["GUA-0001"]
    found = find("tornillo", per_page=2, page=9)
    assert (found.items, found.total, found.pages) == ([], 3, 2)


def test_a_capped_total_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "CANDIDATES", 2)
    found = find("tornillo")
    assert (found.total, found.total_is_lower_bound) == (2, True)


@pytest.mark.parametrize(("query", "queries"), [("tornillo", 3), ("", 4), ("tornilo", 6)])
def test_a_search_takes_a_fixed_number_of_queries(query: str, queries: int, django_assert_num_queries: Any) -> None:
    find(query)
    with django_assert_num_queries(queries):  # one each to look whether the tree has changed
        find(query)


def test_the_same_folding_in_python_and_in_the_database() -> None:
    for text in ("Tornillería", "ÁÉÍÓÚÑü", "Straße", "Øre", "M8\u00d740", "½ pulgada", "ﬁn"):
        with connection.cursor() as cursor:
            cursor.execute("SELECT erp_sync_fold(%s)", [text])
            stored = cursor.fetchone()[0]
        assert "".join(words.typed(text).words) == stored.replace(" ", ""), text


def test_words_of_withdrawn_items_are_forgotten_by_night() -> None:
    assert ItemWord.objects.filter(word="antiguo").exists()
    index.recount_words()
    assert not ItemWord.objects.filter(word="antiguo").exists()
    assert ItemWord.objects.get(word="tornillo").items == 2


def test_decimal_packs_survive_as_text() -> None:
    erp = FakeErp()
    pack = r.PackUnit("box", {"en": "Box"}, factor=Decimal("0.1"))
    erp.put("items", facts.item("P", packs=(pack,)))
    sync.pull(kind="items", now=facts.NOW, full=True, erp=erp)
    assert Item.objects.get(sku="P").packs == [{"code": "box", "names": {"en": "Box"}, "factor": "0.1", "digits": 0}]
