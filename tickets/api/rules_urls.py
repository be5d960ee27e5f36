"""Addresses of the rules."""

from django.urls import path

from tickets.api import rules, rules_lists

urlpatterns = [
    path("tickets/<int:ticket_id>/routing/", rules.TicketRouting.as_view(), name="ticket-routing"),
    path("rules/", rules.Rules.as_view(), name="rules"),
    path("rules/reorder/", rules.RulesReorder.as_view(), name="rules-reorder"),
    path("rules/test/", rules.RulesTest.as_view(), name="rules-test"),
    path("rules/backtest/", rules.RulesBacktest.as_view(), name="rules-backtest"),
    path("rules/fields/", rules.RulesFields.as_view(), name="rules-fields"),
    path("rules/unrouted/", rules.RulesUnrouted.as_view(), name="rules-unrouted"),
    path("rules/runs/", rules.RuleRuns.as_view(), name="rule-runs"),
    path("rules/runs/<int:run_id>/", rules.RuleRunDetail.as_view(), name="rule-run"),
    path("rules/draft/", rules_lists.RulesDraft.as_view(), name="rules-draft"),
    path("rules/publish/", rules_lists.RulesPublish.as_view(), name="rules-publish"),
    path("rules/versions/", rules_lists.RuleVersions.as_view(), name="rule-versions"),
    path("rules/versions/<int:number>/", rules_lists.RuleVersionDetail.as_view(), name="rule-version"),
    path("rules/versions/<int:number>/restore/", rules_lists.RuleVersionRestore.as_view(), name="rule-version-restore"),
    path("rules/tests/", rules_lists.RuleTests.as_view(), name="rule-tests"),
    path("rules/tests/run/", rules_lists.RuleTestsRun.as_view(), name="rule-tests-run"),
    path("rules/tests/<int:test_id>/", rules_lists.RuleTestDetail.as_view(), name="rule-test"),
    path("rules/<int:rule_id>/", rules.RuleDetail.as_view(), name="rule"),
]
