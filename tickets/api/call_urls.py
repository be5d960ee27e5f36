"""Addresses of calls and of the telephone systems that tell of them."""

from django.urls import path, re_path

from tickets.api import calls, phone_systems

urlpatterns = [
    path("calls/", calls.Calls.as_view(), name="calls"),
    path("calls/now/", calls.CallsNowView.as_view(), name="calls-now"),
    path("calls/<int:call_id>/", calls.CallDetail.as_view(), name="call"),
    # Telephone systems that speak the generic form put a token behind this, with or without a stroke
    re_path(r"^cti/(?P<token>[A-Za-z0-9_-]{20,100})/?$", calls.GenericCalls.as_view(), name="cti"),
    path("phone_systems/", phone_systems.PhoneSystems.as_view(), name="phone-systems"),
    path("phone_systems/<int:system_id>/", phone_systems.PhoneSystemDetail.as_view(), name="phone-system"),
    path("phone_systems/<int:system_id>/token/", phone_systems.PhoneToken.as_view(), name="phone-token"),
]
