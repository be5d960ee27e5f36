"""The authors' queue."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from knowledge import access, work
from knowledge.api import shapes
from knowledge.api.writing import caller


class Work(APIView):
    """`GET knowledge/work/`: what authors should see to."""

    needs: ClassVar[dict[str, str]] = {"GET": "knowledge.write"}

    @extend_schema(responses=shapes.WorkSerializer)
    def get(self, request: Request) -> Response:
        user = caller(request)
        found: dict[str, Any] = {
            "misses": work.misses(),
            "unhelpful": work.unhelpful(user),
            "behind": work.behind(user),
            "review": work.in_review(user),
            "ending": work.ending(user),
        }
        return Response(shapes.WorkSerializer(found).data)


class Miss(APIView):
    """`DELETE knowledge/misses/{id}/`: it was seen to."""

    needs: ClassVar[dict[str, str]] = {"DELETE": "knowledge.write"}

    @extend_schema(responses={204: None})
    def delete(self, request: Request, miss_id: int) -> Response:
        work.dismiss(miss_id)
        return Response(status=204)


class Settle(APIView):
    """`POST knowledge/articles/{id}/settle/`: its readers' answers were seen to."""

    needs: ClassVar[dict[str, str]] = {"POST": "knowledge.write"}

    @extend_schema(request=None, responses=shapes.SettledSerializer)
    def post(self, request: Request, article_id: int) -> Response:
        return Response({"settled": work.settle(access.article(caller(request), article_id))})
