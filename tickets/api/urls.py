"""Addresses of tickets and what surrounds them."""

from django.urls import path

from tickets.api import attachments, macros, messages, people, quarantine, rules, surveys, tickets

urlpatterns = [
    path("tickets/", tickets.Tickets.as_view(), name="tickets"),
    path("tickets/<int:ticket_id>/", tickets.TicketDetail.as_view(), name="ticket"),
    path("tickets/<int:ticket_id>/messages/", messages.Messages.as_view(), name="ticket-messages"),
    path("tickets/<int:ticket_id>/routing/", rules.TicketRouting.as_view(), name="ticket-routing"),
    path("tickets/<int:ticket_id>/seen/", tickets.TicketSeen.as_view(), name="ticket-seen"),
    path("tickets/<int:ticket_id>/draft/", tickets.TicketDraft.as_view(), name="ticket-draft"),
    path("tickets/<int:ticket_id>/events/", tickets.TicketEvents.as_view(), name="ticket-events"),
    path("counts/", tickets.CountsView.as_view(), name="counts"),
    path("queues/", tickets.Queues.as_view(), name="queues"),
    path("agents/", people.Agents.as_view(), name="agents"),
    path("customers/", people.Customers.as_view(), name="customers"),
    path("customers/<int:customer_id>/", people.CustomerDetail.as_view(), name="customer"),
    path("customers/<int:customer_id>/timeline/", people.CustomerTimeline.as_view(), name="customer-timeline"),
    path("macros/", macros.Macros.as_view(), name="macros"),
    path("macros/<int:macro_id>/render/", macros.MacroRender.as_view(), name="macro-render"),
    path("attachments/", attachments.Attachments.as_view(), name="attachments"),
    path("surveys/", surveys.Surveys.as_view(), name="surveys"),
    path("reports/satisfaction/", surveys.Satisfaction.as_view(), name="report-satisfaction"),
    path("quarantine/", quarantine.Quarantine.as_view(), name="quarantine"),
    path("quarantine/<int:mail_id>/release/", quarantine.QuarantineRelease.as_view(), name="quarantine-release"),
    path("rules/", rules.Rules.as_view(), name="rules"),
    path("rules/reorder/", rules.RulesReorder.as_view(), name="rules-reorder"),
    path("rules/test/", rules.RulesTest.as_view(), name="rules-test"),
    path("rules/backtest/", rules.RulesBacktest.as_view(), name="rules-backtest"),
    path("rules/<int:rule_id>/", rules.RuleDetail.as_view(), name="rule"),
]
