"""
The shares that the caseload follows, each with the published series it comes from.

Sources are the numbered ones of the domain reference, section 12: S9, S13, S35, S36, S43, S44. They describe
different bodies and years, so that the world is like none of them exactly; a share without a source is a guess
made for the demonstration and marked so.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

__all__ = [
    "CLOSURES", "CONTROL", "DECIDERS", "DESTINATIONS", "EDUCATION", "FORMS", "GROUPS", "ORGANISATIONS", "PROVINCES",
    "RECRUITMENT", "SECTORS", "STATUS", "Shares",
]  # fmt: skip

Key = TypeVar("Key")


class Shares(Generic[Key]):
    """A choice by weight, drawn with one number."""

    def __init__(self, weights: Mapping[Key, float]) -> None:
        self.keys = list(weights)
        self.ends = list(accumulate(weights.values()))

    def draw(self, random: Random) -> Key:
        wanted = random.random() * self.ends[-1]
        for key, end in zip(self.keys, self.ends, strict=True):
            if wanted < end:
                return key
        return self.keys[-1]


# 69 % female, 31 % male (S9, since 2005); almost one in four under 18 (S35); girls to boys 950:166 (S36).
GROUPS = Shares({"girl": 0.204, "boy": 0.036, "woman": 0.486, "man": 0.274})

# 65.5 % migrant workers, 26.5 % sex workers, 6.6 % exploited children, 1.4 % crew (S43, task force 2023),
# split over the groups so that both margins hold.
FORMS: Mapping[str, Shares[str]] = {
    "girl": Shares({"child": 0.046, "sexual": 0.075, "work": 0.083}),
    "boy": Shares({"child": 0.020, "sexual": 0.003, "work": 0.013}),
    "woman": Shares({"sexual": 0.180, "work": 0.306}),
    "man": Shares({"crew": 0.014, "sexual": 0.007, "work": 0.253}),
}

# West Java 2,151, Central Java 909, Kalimantan 732 of 6,651 (S36); the rest by S44 (West Nusa Tenggara 85, East
# Java 73, Aceh 45, Riau Islands 32, North Sumatra 30), with small guessed shares for the others.
PROVINCES = Shares(
    {
        "32": 0.3234, "33": 0.1367, "61": 0.062, "64": 0.018, "65": 0.021, "62": 0.004, "63": 0.005,
        "52": 0.105, "35": 0.09, "11": 0.032, "21": 0.03, "12": 0.037, "53": 0.04, "18": 0.02, "36": 0.016,
        "31": 0.014, "73": 0.012, "16": 0.008, "71": 0.007, "81": 0.004, "34": 0.004, "51": 0.003, "14": 0.003,
        "15": 0.002, "13": 0.001, "74": 0.002, "91": 0.001, "82": 0.001,
    }
)  # fmt: skip

# Of those taken abroad, 70 % to Malaysia (S36); the other shares are guesses.
DESTINATIONS = Shares(
    {"MY": 0.70, "SA": 0.08, "TW": 0.05, "KH": 0.05, "SG": 0.04, "AE": 0.03, "MM": 0.02, "HK": 0.02, "TH": 0.01}
)

# 57 % elementary school or less (S9).
EDUCATION = Shares(
    {
        "": 0.11, "PrimaryEducation": 0.46, "LowerSecondaryEducation": 0.23, "UpperSecondaryEducation": 0.17,
        "ShortCycleTertiaryEducation": 0.02, "BachelorsOrEquivalentLevel": 0.01,
    }
)  # fmt: skip

# Fishing stands out among men assisted by an international organisation (159 of 336, S13); the rest are guesses.
SECTORS: Mapping[str, Shares[str]] = {
    "female": Shares({"domestic": 0.74, "plantation": 0.09, "factory": 0.09, "hotel": 0.05, "cleaning": 0.03}),
    "male": Shares({"fishing": 0.30, "plantation": 0.24, "construction": 0.22, "scam": 0.16, "factory": 0.08}),
    "child": Shares({"begging": 0.5, "domestic": 0.3, "mining": 0.08, "hotel": 0.12}),
}

# From here on guesses.
STATUS = Shares(
    {"ActualVictimOfTrafficking": 0.6, "PossibleVictimOfTrafficking": 0.33, "NotAVictimOfTrafficking": 0.07}
)
DECIDERS = Shares({"Police": 0.4, "NonPoliceGovernmentalOrganization": 0.35, "NGO": 0.15, "CourtOrProsecution": 0.1})
RECRUITMENT = Shares(
    {
        "ThroughFriendsOrSocialEvents": 0.32, "ThroughOnlineSocialNetworks": 0.24, "ThroughFamilyOrFamilyEvents": 0.18,
        "ThroughAnOnlineAdvertisement": 0.12, "AtAPlaceOfBusiness": 0.07, "AtWork": 0.03,
        "AtAnEducationalInstitution": 0.02, "Other": 0.02,
    }
)  # fmt: skip
CONTROL = Shares(
    {
        "FalsePromises": 0.17, "DebtBondage": 0.14, "WithholdsDocuments": 0.14, "ExcessiveWorkingHours": 0.12,
        "TakesEarnings": 0.1, "x_RestrictsMovement": 0.08, "PsychologicalAbuse": 0.07, "PhysicalThreats": 0.06,
        "ThreatsLawEnforcement": 0.04, "PhysicalAbuse": 0.03, "RestrictsFinancialAccess": 0.02, "SexualAbuse": 0.01,
        "WithholdsNecessities": 0.02,
    }
)  # fmt: skip
CLOSURES = Shares(
    {"goals_met": 0.46, "moved": 0.14, "withdrew": 0.1, "lost_contact": 0.18, "died": 0.01, "not_eligible": 0.11}
)
ORGANISATIONS = Shares(
    {"uptd": 0.25, "yayasan": 0.22, "migrasi": 0.2, "rumah": 0.13, "kedutaan": 0.09, "polisi": 0.07, "saksi": 0.04}
)
