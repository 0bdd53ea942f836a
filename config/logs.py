"""One line of JSON for each thing that happened, with request, actor and ERP call."""

import logging.config
from typing import Any

import structlog

SHARED: list[structlog.types.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]


def configure(config: dict[str, Any]) -> None:
    """Set up logging for Django, Celery and ourselves, to standard error.

    Args:
        config: `level` (a name such as INFO) and `style` (json or readable), from settings.LOGGING.
    """
    renderers: list[structlog.types.Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if config["style"] == "readable":
        # The plain one: locals of a traceback cost a third of a second, and may hold what no log may keep.
        plain = structlog.dev.plain_traceback
        renderers.append(structlog.dev.ConsoleRenderer(colors=False, exception_formatter=plain))
    else:
        renderers += [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": renderers,
        "foreign_pre_chain": SHARED,
    }
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"lines": formatter},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
            "root": {"handlers": ["stderr"], "level": config["level"]},
            # Django's own handlers would say it twice; our middleware writes a line a request.
            "loggers": {
                "django": {"handlers": [], "propagate": True, "level": config["level"]},
                "django.request": {"level": "ERROR"},
                "django.server": {"handlers": [], "propagate": True, "level": "WARNING"},
                "celery": {"level": "WARNING"},
                "httpx2": {"level": "WARNING"},
            },
        }
    )
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
