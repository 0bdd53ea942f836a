"""The shop as it is measured: the demo's settings (like production), a stand-in for the ERP, and a meter."""

from config.settings.demo import *  # noqa: F403 (settings are built by extending others)
from config.settings.demo import MIDDLEWARE

MIDDLEWARE = ["benchmarks.meter.meter", *MIDDLEWARE]
# Every deployment chooses its own; the measurement must not depend on what the environment holds.
ERP_ADAPTER = "erp_sync.adapters.fake_http.FakeHttpErp"
ERP_OPTIONS = {"prices_follow_list": True}
