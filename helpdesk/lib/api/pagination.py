"""Keyset pages: no OFFSET and no COUNT, so that a page costs the same at a thousand rows as at a million."""

from typing import Any

from rest_framework.pagination import CursorPagination


class IdCursor(CursorPagination):
    """Newest first by id; `?cursor=` and `?page_size=` (at most 200)."""

    ordering = "-id"
    page_size_query_param = "page_size"
    max_page_size = 200

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["results", "next", "previous"],
            "properties": {"results": schema, "next": link, "previous": link},
        }
