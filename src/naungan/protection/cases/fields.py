"""Where each of the 84 HTCDS fields lives: a column of a model, or the vault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from naungan.standards import htcds

Home = Literal["person", "case", "per", "hte", "spl"]


@dataclass(frozen=True, slots=True)
class Column:
    """A field kept in the clear: the model it belongs to and its attribute."""

    home: Home
    attribute: str


COLUMNS: Mapping[str, Column] = {
    "prs_Gender": Column("person", "gender"),
    "prs_Deceased": Column("person", "is_deceased"),
    "prs_MaritalStatus": Column("person", "marital_status"),
    "prs_NumberOfChildren": Column("person", "children_count"),
    "prs_PrimaryLanguage": Column("person", "primary_language"),
    "prs_SecondaryLanguage": Column("person", "secondary_language"),
    "prs_HighestLevelOfEducation": Column("person", "education"),
    "prs_Citizenship": Column("person", "citizenship"),
    "vic_AgreementToManagePersonalData": Column("case", "agreement_to_manage_data"),
    "vic_TraffickingStatus": Column("case", "trafficking_status"),
    "vic_TraffickingStatusDecisionMakingOrg": Column("case", "status_decided_by"),
    "vic_RelationshipToTrafficker": Column("case", "relationship_to_trafficker"),
    "vic_AgeWhenTrafficked": Column("case", "age_when_trafficked"),
    "vic_MethodOfRecruitment": Column("case", "recruitment_methods"),
    "vic_MethodsOfControl": Column("case", "control_methods"),
    "vic_TypeOfExploitation": Column("case", "exploitation_types"),
    "vic_ForcedLabourIndustry": Column("case", "labour_industries"),
    "per_RoleInProcess": Column("per", "role_in_process"),
    "cas_IncomingReferralDate": Column("case", "incoming_referral_on"),
    "cas_ReasonForIncomingReferral": Column("case", "incoming_referral_reason"),
    "cas_OutgoingReferralDate": Column("case", "outgoing_referral_on"),
    "cas_ReasonForOutgoingReferral": Column("case", "outgoing_referral_reason"),
    "hte_Country": Column("hte", "country"),
    "hte_Date": Column("hte", "on"),
    "hte_Type": Column("hte", "kind"),
    "spl_Type": Column("spl", "kind"),
    "spl_PlannedEndDate": Column("spl", "planned_end_on"),
    "spl_ActualEndDate": Column("spl", "actual_end_on"),
    "con_Consent": Column("case", "consent_given"),
}

# `cas_Status` is the state machine's; it is read from the state and never written as a field.
DERIVED = frozenset({"cas_Status"})
REPEATED: tuple[Literal["per", "hte", "spl", "cco"], ...] = ("per", "hte", "spl", "cco")
ORGANISATION_PREFIX = "org_"

# The parts of a record on the case page, in the order in which a story is told.
SECTIONS: Mapping[str, tuple[str, ...]] = {
    "identity": tuple(name for name in htcds.FIELDS if name.startswith("prs_")),
    "context": tuple(name for name in htcds.FIELDS if name.startswith(("vic_", "con_"))),
    "case": tuple(name for name in htcds.FIELDS if name.startswith("cas_") and name not in DERIVED),
}

# What tells who somebody is: shown masked until revealed.
IDENTITY = frozenset(
    name
    for name, field in htcds.FIELDS.items()
    if name.startswith("prs_") and field.data_class is htcds.DataClass.IDENTIFYING
)
NAMES = ("prs_FirstName", "prs_MiddleName", "prs_SecondName")


def prefix_of(api_name: str) -> str:
    """The object that a field belongs to: `prs`, `vic`, `cas`, `hte`..."""
    return api_name.split("_", 1)[0]


# A bounded number of names: asked several times for each field of each case of an import.
@lru_cache(maxsize=2048)
def is_repeated(api_name: str) -> bool:
    """Whether a case may hold several of the object that the field belongs to."""
    return prefix_of(api_name) in REPEATED


def vault_name(api_name: str, ref: str = "") -> str:
    """The name of a sealed field in the vault; repeated objects carry their reference."""
    return f"{prefix_of(api_name)}:{ref}:{api_name}" if ref else api_name
