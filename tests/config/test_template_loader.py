"""Words and addresses without a variable are kept, for each language and each set of addresses."""

from django.template import Context, Engine, Template
from django.urls import set_urlconf
from django.utils.translation import override

SOURCE = "{% load i18n %}{% translate 'Basket' %}|{% translate 'Basket' as words %}{{ words }}|{% url 'basket' %}"


def _template(source: str) -> Template:
    loaders = [("config.template_loader.Loader", [("django.template.loaders.locmem.Loader", {"page": source})])]
    return Engine(loaders=loaders, libraries={"i18n": "django.templatetags.i18n"}).get_template("page")


def test_words_and_addresses_are_said_in_each_language() -> None:
    page, said = _template(SOURCE), set()
    for language in ("en", "es", "en", "es"):
        with override(language):
            assert page.render(Context()) == Template(SOURCE).render(Context())
            said.add(page.render(Context()))
    assert len(said) == 2


def test_an_address_follows_the_set_of_addresses() -> None:
    page = _template("{% url 'basket' as there %}{{ there }}")
    assert page.render(Context()) == "/basket/"
    set_urlconf("django.conf.urls.i18n")  # which has no basket
    try:
        assert page.render(Context()) == ""
    finally:
        set_urlconf(None)


def test_what_has_a_variable_is_asked_each_time() -> None:
    page = _template("{% load i18n %}{% translate word %} {% url name %}")
    assert page.render(Context({"word": "Basket", "name": "basket"})) == "Basket /basket/"
    assert page.render(Context({"word": "Orders", "name": "order-list"})) == "Orders /orders/"
