"""People's tables. user ← team; organization ← customer ← identity, token."""

from helpdesk.people.models.customer import Customer, Identity, LoginToken, Organization
from helpdesk.people.models.team import Team, TeamMember
from helpdesk.people.models.user import User

__all__ = ["Customer", "Identity", "LoginToken", "Organization", "Team", "TeamMember", "User"]
