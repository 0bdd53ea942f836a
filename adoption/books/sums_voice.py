"""Sums of what customers said: answers to surveys, enquiries that came past the shop, quotes asked for."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from adoption.books.columns import by, count, key, once
from adoption.books.sums import OfDay, OfMonth

ANSWER_KEYS = ("survey", "user_id", "session_id", "score", "answered_at")


class AnswerDay(OfDay):
    """What a person was asked in a session on a day, and what they answered last (M19).

    `score`: as it was written down, "" = none; `answered_at`: its time, else the question's; `asked`, `answers`: how
    often. `again`: the person may have other rows of this session; what of them counts is known by days (answers.py).
    """

    survey = key(10)
    user_id = key()
    session_id = key()
    score = key(40)
    answered_at: models.DateTimeField[dt.datetime, dt.datetime] = models.DateTimeField()
    asked = count()
    answers = count()
    again = models.BooleanField(default=False, db_default=False)

    class Meta:
        verbose_name = _("answers of a day")
        verbose_name_plural = _("answers by day")
        constraints: ClassVar = once("answer_day_once", "account_id", "day", *ANSWER_KEYS)
        indexes: ClassVar = [
            *by("answer_day_day", "day"), *by("answer_day_again", "day", only=models.Q(again=True)),
            *by("answer_day_session", "session_id", "user_id", "survey"),
        ]  # fmt: skip


class Responses(models.Model):
    """Persons and sessions by survey and by what they answered (M19): those of one row in `AnswerDay`.

    Attributes:
        score: As it was written down; "" for none.
        people: Who answered; `times`: how often, earlier answers included; `asked`: who was shown the question.
    """

    survey = key(10)
    score = key(40)
    people = count()
    times = count()
    asked = count()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.survey} {self.score}"


class ResponseDay(OfDay, Responses):
    """Responses of a day."""

    class Meta:
        verbose_name = _("responses of a day")
        verbose_name_plural = _("responses by day")
        constraints: ClassVar = once("response_day_once", "account_id", "day", "survey", "score")
        indexes: ClassVar = by("response_day_day", "day")


class ResponseMonth(OfMonth, Responses):
    """Responses of a month."""

    class Meta:
        verbose_name = _("responses of a month")
        verbose_name_plural = _("responses by month")
        constraints: ClassVar = once("response_month_once", "account_id", "month", "survey", "score")
        indexes: ClassVar = by("response_month_month", "month")


class Enquiries(models.Model):
    """What customers asked a person, by how they came.

    `service`: what the shop could have answered (M6). `talks`: sales talks; `followed`: those with an order soon (M10).
    """

    medium = key(10)
    service = count()
    talks = count()
    followed = count()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.medium


class EnquiryDay(OfDay, Enquiries):
    """Enquiries of a day."""

    class Meta:
        verbose_name = _("enquiries of a day")
        verbose_name_plural = _("enquiries by day")
        constraints: ClassVar = once("enquiry_day_once", "account_id", "day", "medium")
        indexes: ClassVar = by("enquiry_day_day", "day")


class EnquiryMonth(OfMonth, Enquiries):
    """Enquiries of a month."""

    class Meta:
        verbose_name = _("enquiries of a month")
        verbose_name_plural = _("enquiries by month")
        constraints: ClassVar = once("enquiry_month_once", "account_id", "month", "medium")
        indexes: ClassVar = by("enquiry_month_month", "month")


class Quotes(models.Model):
    """Quotes asked for that an order followed soon (M26), by its channel; "" = any. `ordered`: how many."""

    channel = key(20)
    ordered = count()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.channel


class QuoteDay(OfDay, Quotes):
    """Quotes of a day."""

    class Meta:
        verbose_name = _("quotes of a day")
        verbose_name_plural = _("quotes by day")
        constraints: ClassVar = once("quote_day_once", "account_id", "day", "channel")
        indexes: ClassVar = by("quote_day_day", "day")


class QuoteMonth(OfMonth, Quotes):
    """Quotes of a month."""

    class Meta:
        verbose_name = _("quotes of a month")
        verbose_name_plural = _("quotes by month")
        constraints: ClassVar = once("quote_month_once", "account_id", "month", "channel")
        indexes: ClassVar = by("quote_month_month", "month")
