"""The form of a message: a text and files. What they may hold is the services' business."""

from __future__ import annotations

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest


def typed_message(request: HttpRequest) -> tuple[str, list[UploadedFile]]:
    """Return what was typed and the files, as any room's view hands them to `services.post`."""
    return request.POST.get("text", ""), request.FILES.getlist("files")
