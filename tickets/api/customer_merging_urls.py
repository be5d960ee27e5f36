"""Addresses of merging customers."""

from django.urls import path

from tickets.api import customer_merging

urlpatterns = [
    path(
        "customers/<int:customer_id>/duplicates/",
        customer_merging.CustomerDuplicates.as_view(),
        name="customer-duplicates",
    ),
    path("customers/<int:customer_id>/parts/", customer_merging.CustomerParts.as_view(), name="customer-parts"),
    path("customers/<int:customer_id>/merge/", customer_merging.CustomerMerging.as_view(), name="customer-merge"),
    path(
        "customers/<int:customer_id>/merge/preview/",
        customer_merging.CustomerMergePreview.as_view(),
        name="customer-merge-preview",
    ),
    path(
        "customers/<int:customer_id>/merge/undo/",
        customer_merging.CustomerMergeUndo.as_view(),
        name="customer-merge-undo",
    ),
]
