"""What browsers get of our style sheets and scripts: all of it but the comments."""

import gzip
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django.fixtures import Settings

from config.static_files import shortened


@pytest.mark.parametrize(
    ("name", "source", "served"),
    [
        ("css/a.css", '/* why */\n.a {\n  content: "/* x */";\n}\n', '\n.a {\ncontent: "/* x */";\n}\n'),
        ("css/b.css", "/*! a licence */\n.b { margin: 0 } /* gone */", "/*! a licence */\n.b { margin: 0 } "),
        ("js/a.js", 'let a = "//b";\n  // why\nlet c; // stays\n', 'let a = "//b";\nlet c; // stays\n'),
    ],
)
def test_comments_are_not_served_but_whatever_looks_like_one_is(name: str, source: str, served: str) -> None:
    assert shortened(name, source) == served


def test_collected_files_are_short_packed_and_named_after_what_is_served(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "css").mkdir()
    (tmp_path / "css" / "own.css").write_text("/* why */\n.a { color: red }\n")
    settings.STATICFILES_DIRS, settings.STATIC_ROOT = [tmp_path], tmp_path / "served"
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "config.static_files.ShortStaticFilesStorage"}}
    call_command("collectstatic", interactive=False, verbosity=0)
    (hashed,) = (tmp_path / "served" / "css").glob("own.*.css")
    assert hashed.read_text() == "\n.a { color: red }\n"
    for packed in (tmp_path / "served" / "css").glob("own.*.css.gz"):
        assert gzip.decompress(packed.read_bytes()) == hashed.read_bytes()
