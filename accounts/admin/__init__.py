"""What a manager sees and does about people and companies. Nothing is ever deleted here."""

from accounts.admin.companies import CompanyAdmin
from accounts.admin.logs import AssistedAdmin, AuditAdmin, InvitationAdmin
from accounts.admin.people import PersonAdmin

__all__ = ["AssistedAdmin", "AuditAdmin", "CompanyAdmin", "InvitationAdmin", "PersonAdmin"]
