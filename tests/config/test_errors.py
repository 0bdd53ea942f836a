"""Error pages that need nothing of what is broken."""

import json

from tests.config import processes

ASK_WITHOUT_DATABASE = """
import django, json
django.setup()
from django.test import Client
client = Client(SERVER_NAME="localhost", raise_request_exception=False)
client.cookies["sessionid"] = "x" * 32
answers = [client.get("/orders/"), client.post("/accounts/login/", {"login": "a@b.example"})]
rows = [[a.status_code, a.headers.get("Retry-After"), a.content.decode()] for a in answers]
print(json.dumps(rows))
"""


def test_without_a_database_every_page_says_come_back_and_what_is_kept() -> None:
    done = processes.run(
        "-c",
        ASK_WITHOUT_DATABASE,
        DJANGO_SETTINGS_MODULE="config.settings.test",
        DATABASE_URL="postgresql://nobody@127.0.0.1:1/none",
    )
    assert done.returncode == 0, done.stderr
    for status, retry_after, page in json.loads(done.stdout):
        assert (status, retry_after) == (503, "10")
        assert "Your basket and your orders are kept." in page
