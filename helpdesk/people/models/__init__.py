"""People's tables. user ← team, work (skills, shifts, absences), imports; organization ← customer ← identity, token."""

from helpdesk.people.models.customer import Customer, Identity, LoginToken, Organization, Sharing
from helpdesk.people.models.imports import Export, Import, ImportRow
from helpdesk.people.models.merge import CustomerMerge
from helpdesk.people.models.team import Team, TeamMember
from helpdesk.people.models.user import User
from helpdesk.people.models.work import Absence, Shift, Skill, UserSkill

__all__ = [
    "Absence",
    "Customer",
    "CustomerMerge",
    "Export",
    "Identity",
    "Import",
    "ImportRow",
    "LoginToken",
    "Organization",
    "Sharing",
    "Shift",
    "Skill",
    "Team",
    "TeamMember",
    "User",
    "UserSkill",
]
