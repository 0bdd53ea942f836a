"""Password hashing."""

from django.conf import LazySettings
from django.contrib.auth.hashers import check_password, make_password

from config.settings import base


def test_production_hashes_with_argon2id_at_19_mib_two_passes_one_lane(settings: LazySettings) -> None:
    settings.PASSWORD_HASHERS = base.PASSWORD_HASHERS
    stored = make_password("correct horse battery")
    assert stored.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert check_password("correct horse battery", stored)
    assert not check_password("wrong horse battery", stored)
