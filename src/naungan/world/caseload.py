"""Draws people and their cases from a seed: pure tables, no database. The same seed and day give the same people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from naungan.access.references import code_of
from naungan.standards.regions import PROVINCES
from naungan.world import mix, places, words
from naungan.world.names import Name, draw_name, misspelt

__all__ = ["CHUNK", "Drawn", "Span", "case_code", "draw_chunk"]

CHUNK = 2000
_YEARS_BACK = 6
_TWINS = 0.06
_INDUSTRIES = {
    "domestic": "T_ActivitiesOfHouseholdsAsEmployers", "plantation": "A_AgricultureForestryAndFishing",
    "fishing": "A_AgricultureForestryAndFishing", "factory": "C_Manufacturing", "construction": "F_Construction",
    "hotel": "I_AccommodationAndFoodServiceActivities", "cleaning": "N_AdministrativeAndSupportServiceActivities",
    "mining": "B_MiningAndQuarrying", "scam": "J_InformationAndCommunication",
}  # fmt: skip
_SERVICES = (
    "x_Shelter",
    "x_MedicalHealth",
    "x_MentalHealth",
    "Legal",
    "Livelihood",
    "Education",
    "x_Repatriation",
    "Financial",
    "SocialCare",
)
_DUE = ("review", "review", "contact", "plan", "consent", "document")
_APPS = ("Facebook", "WhatsApp", "TikTok", "Telegram", "Instagram")


@dataclass(frozen=True, slots=True)
class Span:
    """The people from `start` to `stop`, whose cases are spread in time up to `today`, oldest first."""

    seed: int
    start: int
    stop: int
    today: date

    def chunks(self) -> Iterator[range]:
        """The parts that are drawn and kept together; each can be drawn alone."""
        for begin in range(self.start, self.stop, CHUNK):
            yield range(begin, min(begin + CHUNK, self.stop))

    def opened_on(self, index: int) -> date:
        """The day on which the case of a person was opened: more and more towards today."""
        share = (index - self.start + 0.5) / (self.stop - self.start)
        return self.today - timedelta(days=int(365 * _YEARS_BACK * (1 - share) ** 1.6))


@dataclass(slots=True)
class Identity:
    """Who a drawn person is, before an office writes it down in its own way."""

    group: str
    name: Name
    birth: date
    province: str
    country: str
    town: str
    street: str
    postal_code: str
    phone: str
    number: str
    age: int

    @property
    def is_woman(self) -> bool:
        return self.group in ("girl", "woman")

    @property
    def is_child(self) -> bool:
        return self.group in ("girl", "boy")


@dataclass(slots=True)
class Drawn:
    """One person and case as drawn: canonical HTCDS values, repeated objects, notes, state and what is due."""

    index: int
    code: str
    organisation: str
    desk: float
    opened_on: date
    state: str
    closed_on: date | None
    closure_reason: str
    values: dict[str, object]
    repeated: dict[str, list[dict[str, object]]]
    notes: list[tuple[date, str]] = field(default_factory=list)
    due: list[tuple[str, date]] = field(default_factory=list)
    twin_of: int | None = None


def draw_chunk(span: Span, part: range) -> list[Drawn]:
    """
    Draw the people of one chunk.

    Args:
        span: Seed, bounds and day.
        part: One range of `span.chunks()`.

    Returns:
        list: in order of their number; about six in a hundred were drawn before in the same chunk and come
            again from another organisation, written a little differently.
    """
    random = Random(f"naungan {span.seed} {part.start}")
    known: list[tuple[int, Identity, str]] = []
    drawn = []
    for index in part:
        opened = span.opened_on(index)
        organisation = mix.ORGANISATIONS.draw(random)
        twin = None
        if known and random.random() < _TWINS:
            twin, identity, elsewhere = known[int(random.random() * len(known))]
            organisation = organisation if organisation != elsewhere else ("rumah" if elsewhere == "uptd" else "uptd")
            identity = _written_again(random, identity)
        else:
            identity = _identity(random, opened)
            known.append((index, identity, organisation))
        drawn.append(_case(random, span, index, opened, organisation, identity, twin))
    return drawn


def case_code(seed: int, index: int) -> str:
    """The code of a person's case, in the form of `access.references.new_code`, always the same for a seed."""
    return code_of(Random(f"naungan code {seed} {index}").randrange(31**8))


def _identity(random: Random, opened: date) -> Identity:
    group = mix.GROUPS.draw(random)
    age = _age(random, group)
    # A guess that gives the 7.5 % who are not Indonesian (S36): mostly men from fishing boats.
    foreign = random.random() < {"man": 0.2, "woman": 0.04}.get(group, 0.0)
    country = ("MM", "KH", "TH", "LA", "PH")[int(random.random() * 5)] if foreign else "ID"
    province = mix.PROVINCES.draw(random)
    birth = opened - timedelta(days=int(365.25 * age) + 1 + int(random.random() * 363))
    is_woman = group in ("girl", "woman")
    street, postal_code = places.address(random)
    return Identity(
        group=group,
        name=draw_name(random, province=province, country=country, is_woman=is_woman, age=age),
        birth=birth,
        province=province,
        country=country,
        town=places.town_in(random),
        street=street,
        postal_code=postal_code,
        phone=_phone(random) if random.random() < 0.62 else "",
        number=_number(random, province, birth, is_woman) if country == "ID" and random.random() < 0.55 else "",
        age=age,
    )


def _age(random: Random, group: str) -> int:
    if group in ("girl", "boy"):
        return 17 - int(8 * random.random() ** 1.7)
    # 35 % of all are 18 to 24 (S35): 46 % of the adults.
    if random.random() < 0.46:
        return 18 + int(random.random() * 7)
    return 25 + int(34 * random.random() ** 1.5)


def _phone(random: Random) -> str:
    # No operator hands out a middle block of four zeros: these numbers reach nobody.
    return f"+628{11 + int(random.random() * 89):02d}0000{int(random.random() * 10000):04d}"


def _number(random: Random, province: str, birth: date, is_woman: bool) -> str:
    # Regency and district 00 do not exist, so that no number is anybody's.
    day = birth.day + 40 if is_woman else birth.day
    return f"{province}0000{day:02d}{birth.month:02d}{birth.year % 100:02d}{1 + int(random.random() * 9998):04d}"


def _written_again(random: Random, identity: Identity) -> Identity:
    birth = identity.birth
    if random.random() < 0.25 and birth.day <= 12:
        birth = birth.replace(month=birth.day, day=birth.month)
    elif random.random() < 0.2:
        birth = date(birth.year, 1, 1)
    return Identity(
        group=identity.group,
        name=misspelt(random, identity.name) if random.random() < 0.7 else identity.name,
        birth=birth,
        province=identity.province,
        country=identity.country,
        town=identity.town if random.random() < 0.7 else places.town_in(random),
        street=identity.street if random.random() < 0.5 else places.address(random)[0],
        postal_code=identity.postal_code,
        phone=identity.phone if random.random() < 0.6 else "",
        number=identity.number if random.random() < 0.5 else "",
        age=identity.age,
    )


def _case(
    random: Random, span: Span, index: int, opened: date, organisation: str, identity: Identity, twin: int | None
) -> Drawn:
    form = mix.FORMS[identity.group].draw(random)
    sector = _sector(random, form, identity)
    abroad = random.random() < {"work": 0.9, "crew": 1.0, "sexual": 0.3, "child": 0.04}[form]
    destination = mix.DESTINATIONS.draw(random) if abroad else "ID"
    if sector == "scam":
        destination = "KH" if random.random() < 0.6 else "MM"
    state, closed, why = _state(random, opened, span.today)
    values = {
        **_person_values(random, identity),
        **_context_values(random, form, sector, identity, destination, opened),
    }
    values.update(_referral_values(random, opened))
    values["cas_Status"] = {"open": "Active", "on_hold": "Active", "follow_up": "FollowUp", "closed": "Closed"}[state]
    if closed:
        values["cas_ReasonForCaseClosure"] = "Ditutup setelah rapat kasus; rencana keselamatan diberikan."
    return Drawn(
        index=index,
        code=case_code(span.seed, index),
        organisation=organisation,
        desk=random.random(),
        opened_on=opened,
        state=state,
        closed_on=closed,
        closure_reason=why,
        values=values,
        repeated=_repeated(random, form, identity, destination, opened, closed),
        notes=_notes(random, opened, closed or span.today),
        due=_due(random, state, span.today),
        twin_of=twin,
    )


def _sector(random: Random, form: str, identity: Identity) -> str:
    if form == "crew":
        return "fishing"
    if form == "child":
        return mix.SECTORS["child"].draw(random)
    if form == "work":
        return mix.SECTORS["female" if identity.is_woman else "male"].draw(random)
    return ""


def _person_values(random: Random, identity: Identity) -> dict[str, object]:
    name = identity.name
    values: dict[str, object] = {
        "prs_Salutation": name.salutation,
        "prs_FirstName": name.first,
        "prs_MiddleName": name.middle,
        "prs_SecondName": name.last,
        "prs_Birthdate": identity.birth if random.random() < 0.93 else None,
        "prs_Gender": "Feminine" if identity.is_woman else "Masculine",
        "prs_Citizenship": (identity.country,),
        "prs_HighestLevelOfEducation": mix.EDUCATION.draw(random),
        "prs_PrimaryLanguage": places.LANGUAGES.get(identity.province, "ind") if identity.country == "ID" else "",
        "prs_IdentityNumber": identity.number,
        "prs_MobilePhone": identity.phone,
        "prs_MailingStreet": identity.street,
        "prs_MailingCity": identity.town,
        "prs_MailingState": PROVINCES[identity.province].name,
        "prs_MailingPostalCode": identity.postal_code,
        "prs_MailingCountry": identity.country,
    }
    if not identity.is_child:
        draw = random.random()
        values["prs_MaritalStatus"] = (
            "Married" if draw < 0.46 else "Single" if draw < 0.78 else "Divorced" if draw < 0.92 else ""
        )
        values["prs_NumberOfChildren"] = int(random.random() * 4) if draw < 0.46 or draw > 0.78 else None
    return {api: value for api, value in values.items() if value not in (None, "")}


def _context_values(
    random: Random, form: str, sector: str, identity: Identity, destination: str, opened: date
) -> dict[str, object]:
    kinds, industry = _exploitation(form, sector, identity)
    recruited = mix.RECRUITMENT.draw(random)
    status = mix.STATUS.draw(random)
    months = 2 + int(random.random() * 30)
    values: dict[str, object] = {
        "con_Consent": random.random() < 0.9,
        "vic_TraffickingStatus": status,
        "vic_TraffickingStatusDecisionMakingOrg": mix.DECIDERS.draw(random) if status[0] != "P" else "",
        "vic_RelationshipToTrafficker": _relationship(random, recruited),
        "vic_AgeWhenTrafficked": max(6, identity.age - months // 12),
        "vic_MethodOfRecruitment": (recruited,),
        "vic_LocationOfRecruitment": places.town_in(random) if random.random() < 0.6 else "",
        "vic_MethodsOfControl": tuple(
            dict.fromkeys(mix.CONTROL.draw(random) for _ in range(1 + int(random.random() * 4)))
        ),
        "vic_TypeOfExploitation": kinds,
        "vic_ForcedLabourIndustry": (industry,) if industry else (),
        "vic_TypeOfSexExploitation": ("Prostitution",) if form == "sexual" and random.random() < 0.9 else (),
        "vic_LocationOfExploitation": places.town_abroad(random, destination)
        if destination != "ID"
        else places.town_in(random),
    }
    if recruited in ("ThroughOnlineSocialNetworks", "ThroughAnOnlineAdvertisement"):
        values["vic_RecruitmentWebsitesAndApps"] = (_APPS[int(random.random() * 5)],)
    return {api: value for api, value in values.items() if value not in (None, "", ())}


def _exploitation(form: str, sector: str, identity: Identity) -> tuple[tuple[str, ...], str]:
    if form == "sexual":
        return ("SexualExploitation",), ""
    if sector == "begging":
        return ("ForcedBegging",), ""
    if sector == "scam":
        return ("x_ForcedCriminality", "ForcedLabour"), _INDUSTRIES["scam"]
    kinds = (
        ("ChildLabour",)
        if form == "child"
        else ("ForcedLabour", "Servitude")
        if sector == "domestic"
        else ("ForcedLabour",)
    )
    return kinds, _INDUSTRIES[sector]


def _relationship(random: Random, recruited: str) -> str:
    if recruited == "ThroughFamilyOrFamilyEvents":
        return "Familial"
    if recruited == "ThroughFriendsOrSocialEvents":
        return "x_Friend" if random.random() < 0.4 else "Acquainted"
    return "x_BrokerOrRecruiter" if random.random() < 0.6 else "Unaquainted"


def _referral_values(random: Random, opened: date) -> dict[str, object]:
    values: dict[str, object] = {}
    if random.random() < 0.45:
        values["cas_IncomingReferralDate"] = opened - timedelta(days=int(random.random() * 9))
        values["cas_ReasonForIncomingReferral"] = (
            "AdditionalServicesRequired" if random.random() < 0.7 else "MigrationOrChangeOfLocation"
        )
        values["cas_IncomingReferralDetails"] = words.referral_reason(random)
    return values


def _state(random: Random, opened: date, today: date) -> tuple[str, date | None, str]:
    age_days = (today - opened).days
    ended, followed, held = (
        (0.86, 0.07, 0.01) if age_days > 540 else (0.5, 0.2, 0.05) if age_days > 180 else (0.04, 0.1, 0.06)
    )
    draw = random.random()
    if draw < ended:
        closed = opened + timedelta(days=min(age_days, 20 + int(random.random() * 500)))
        return "closed", closed, mix.CLOSURES.draw(random)
    if draw < ended + followed:
        return "follow_up", None, ""
    return ("on_hold" if draw < ended + followed + held else "open"), None, ""


def _repeated(
    random: Random, form: str, identity: Identity, destination: str, opened: date, closed: date | None
) -> dict[str, list[dict[str, object]]]:
    left = opened - timedelta(days=60 + int(random.random() * 700))
    events: list[dict[str, object]] = [
        {"hte_Type": "Exploitation", "hte_Country": destination, "hte_Date": left + timedelta(days=30),
         "hte_Description": words.event_account(random, form)},
    ]  # fmt: skip
    if random.random() < 0.4:
        recruitment = {
            "hte_Type": "Recruitment",
            "hte_Country": identity.country,
            "hte_City": identity.town,
            "hte_Date": left,
        }
        events.insert(0, recruitment)
    found: dict[str, list[dict[str, object]]] = {"hte": events}
    if random.random() < 0.6:
        end = opened + timedelta(days=90 + int(random.random() * 180))
        plan: dict[str, object] = {
            "spl_Type": _SERVICES[int(random.random() * 9)],
            "spl_Objectives": words.objectives(random),
            "spl_ActionPlan": words.plan_steps(random),
            "spl_PlannedEndDate": end,
        }
        if closed:
            plan["spl_ActualEndDate"] = closed
        found["spl"] = [plan]
    if random.random() < 0.3:
        found["per"] = [{"per_RoleInProcess": ("RecruiterOrIntermediary",)}]
    if random.random() < 0.15:
        found["cco"] = [{"cco_CaseComment": words.comment(random)}]
    return found


def _notes(random: Random, opened: date, until: date) -> list[tuple[date, str]]:
    count = 1 + int(3 * random.random() ** 2)
    span_days = max(0, (until - opened).days)
    days = sorted(opened + timedelta(days=int(span_days * random.random() ** 2)) for _ in range(count - 1))
    return list(zip([opened, *days], words.notes(random, count), strict=True))


def _due(random: Random, state: str, today: date) -> list[tuple[str, date]]:
    if state not in ("open", "follow_up"):
        return []
    # One in eight is late, so that a work list has something red.
    days = -1 - int(random.random() * 12) if random.random() < 0.125 else int(random.random() * 60)
    kind = "follow_up" if state == "follow_up" else _DUE[int(random.random() * len(_DUE))]
    return [(kind, today + timedelta(days=days))]
