"""What makes a yes count: what was told, how, by whom, until when; and that a no needs none of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from naungan.access import clock
from naungan.access.errors import NotFound
from naungan.access.models import Organisation
from naungan.access.rules import standing
from naungan.protection.cases.models import Case
from naungan.protection.cases.queries import case_record, timeline
from naungan.protection.consent import actions
from naungan.protection.consent.errors import AnswerRefused, ConsentError, StepNotAllowed
from naungan.protection.consent.models import Consent
from naungan.protection.consent.purposes import TOLD
from naungan.protection.consent.queries import consents_of, standing_consent
from naungan.protection.consent.rules import Answer, adult_from
from naungan.protection.consent.states import STORED, TRANSITIONS, State, Step
from tests.personas import Persona, case_of
from tests.protection.consent.saying import NO, answered, asked, childs_talk, shared, talk, yes
from tests.protection.consent.saying import given as agreed


@pytest.mark.parametrize(
    ("change", "guard"),
    [
        ({"told": tuple(TOLD)[1:]}, "told"),
        ({"language": ""}, "language"),
        ({"language": "klingon"}, "language"),
        ({"how": ""}, "how"),
        ({"how": "spoken"}, "witness"),
        ({"how": "thumb_print", "witness": "   "}, "witness"),
        ({"is_child": None}, "is_child"),
        ({"given_by": "neighbour"}, "given_by"),
        ({"given_by": "representative"}, "guardian"),
        ({"given_on": None}, "given_on"),
    ],
)
def test_a_yes_that_lacks_something_is_refused_and_names_it(
    amara: Persona, change: dict[str, object], guard: str
) -> None:
    case = case_of(amara)
    consent = asked(amara, case)

    with pytest.raises(AnswerRefused) as refused:
        answered(amara, case, consent, yes(), talk(**change))

    assert refused.value.shared == [guard]
    consent.refresh_from_db()
    assert consent.state == State.REQUESTED


@pytest.mark.parametrize("days", [1, -60])
def test_an_answer_to_come_or_long_before_the_case_is_refused(amara: Persona, days: int) -> None:
    case = case_of(amara)

    with pytest.raises(AnswerRefused) as refused:
        answered(amara, case, asked(amara, case), yes(), talk(given_on=clock.today() + timedelta(days=days)))

    assert refused.value.shared == ["given_on"]


def test_a_no_needs_nothing_but_its_day(amara: Persona) -> None:
    case = case_of(amara)
    consent = asked(amara, case)

    answered(amara, case, consent, NO, talk(language="", how="", told=(), is_child=None))

    consent.refresh_from_db()
    assert consent.state == State.REFUSED


def test_a_no_to_one_purpose_blocks_no_other(amara: Persona) -> None:
    case = case_of(amara)
    research, help_ = asked(amara, case, "research"), asked(amara, case, "case_work")

    actions.answer(by=amara.actor(), case=case, said=talk(), answers={research.ref: NO, help_.ref: yes()})

    assert standing_consent(case, "research") is None
    assert standing_consent(case, "case_work") is not None


@pytest.mark.parametrize("days", [-1, 4000])
def test_a_yes_needs_a_term_that_has_not_passed(amara: Persona, days: int) -> None:
    case = case_of(amara)
    consent = asked(amara, case)

    with pytest.raises(AnswerRefused) as refused:
        answered(amara, case, consent, yes(days))

    assert refused.value.missing == {consent.ref: ["until"]}


def test_one_answer_that_lacks_something_saves_none(amara: Persona) -> None:
    case = case_of(amara)
    first, second = asked(amara, case, "interview"), asked(amara, case, "research")

    with pytest.raises(AnswerRefused):
        actions.answer(
            by=amara.actor(), case=case, said=talk(), answers={first.ref: yes(), second.ref: Answer(yes=True)}
        )

    assert set(Consent.objects.values_list("state", flat=True)) == {State.REQUESTED.value}


def test_no_more_is_agreed_to_than_was_asked(amara: Persona, org_b: Organisation) -> None:
    case = case_of(amara)
    consent = asked(amara, case, "share", recipient=org_b, fields=["needs"])

    with pytest.raises(AnswerRefused) as refused:
        answered(amara, case, consent, yes(fields=["needs", "account"]))

    assert refused.value.missing == {consent.ref: ["fields"]}


def test_a_yes_to_less_than_was_asked_lets_only_that_go(amara: Persona, org_b: Organisation) -> None:
    case = case_of(amara)
    consent = asked(amara, case, "share", recipient=org_b, fields=["needs", "account"])
    answered(amara, case, consent, yes(fields=["needs"]))

    assert standing_consent(case, "share", recipient=org_b, fields=["needs"]) is not None
    assert standing_consent(case, "share", recipient=org_b, fields=["needs", "account"]) is None


def test_a_consent_names_its_receiver_and_no_other(amara: Persona, org_a: Organisation, org_b: Organisation) -> None:
    case = case_of(amara)
    shared(amara, case, org_b)

    assert standing_consent(case, "share", recipient=org_b) is not None
    assert standing_consent(case, "share", recipient=org_a) is None
    assert standing_consent(case, "share") is None


def test_two_workers_answer_at_once_and_the_second_is_told(amara: Persona, sari: Persona) -> None:
    case = case_of(amara)
    consent = asked(amara, case)
    answered(amara, case, consent, yes())

    with pytest.raises(StepNotAllowed):
        answered(sari, case, consent, NO)

    assert standing_consent(case, "interview") is not None


def test_a_consent_of_another_case_is_not_answered_here(amara: Persona) -> None:
    here, there = case_of(amara), case_of(amara)
    consent = asked(amara, there)

    with pytest.raises(NotFound):
        answered(amara, here, consent, yes())


def test_a_consent_is_expired_the_day_after_its_term(amara: Persona) -> None:
    case = case_of(amara)
    consent = answered(amara, case, asked(amara, case), yes(days=10))

    assert standing_consent(case, "interview", on=clock.today() + timedelta(days=10)) == consent
    assert standing_consent(case, "interview", on=clock.today() + timedelta(days=11)) is None
    with clock.fixed(clock.now() + timedelta(days=11)):
        found = consents_of(standing(amara.actor(), case), revealed=False)
        assert [one.state for one in found] == [State.EXPIRED]


def test_a_consent_may_be_too_old_for_what_it_is_needed_for(amara: Persona) -> None:
    case = case_of(amara)
    agreed(amara, case, given_on=clock.today() - timedelta(days=15))

    assert standing_consent(case, "interview", within_days=15) is not None
    assert standing_consent(case, "interview", within_days=14) is None


def test_a_later_no_counts_and_not_the_earlier_yes(amara: Persona) -> None:
    case = case_of(amara)
    agreed(amara, case)
    answered(amara, case, asked(amara, case), NO)

    assert standing_consent(case, "interview") is None


def test_consent_to_case_work_is_the_standards_consent(amara: Persona) -> None:
    case = case_of(amara)
    agreed(amara, case, "case_work")

    assert case_record(amara.actor(), Case.objects.get(pk=case.pk)).values["con_Consent"] is True


def test_names_are_shown_only_to_whoever_revealed(amara: Persona) -> None:
    case = case_of(amara)
    agreed(amara, case, how="spoken", witness="Pak Rekaan", language="mya")

    hidden = consents_of(standing(amara.actor(), case), revealed=False)[0]
    opened = consents_of(standing(amara.actor(), case), revealed=True)[0]
    assert hidden.names == {}
    assert hidden.has_names == {"witness"}
    assert opened.names == {"witness": "Pak Rekaan"}


def test_the_timeline_says_what_was_agreed_to(amara: Persona) -> None:
    case = case_of(amara)
    agreed(amara, case)

    lines, _ = timeline(standing(amara.actor(), case))
    assert [line.details["to"] for line in lines if line.kind == "consent"] == ["given", "asked"]


def test_a_child_needs_a_guardian_and_their_own_yes(amara: Persona) -> None:
    case = _child(amara, 15)
    consent = asked(amara, case)

    with pytest.raises(AnswerRefused) as refused:
        answered(amara, case, consent, yes(), talk())

    assert refused.value.shared == ["given_by", "assent"]


def test_a_childs_no_is_not_overruled_by_the_guardian(amara: Persona) -> None:
    case = _child(amara, 15)

    with pytest.raises(AnswerRefused) as refused:
        answered(amara, case, asked(amara, case), yes(), childs_talk(assent=False))

    assert refused.value.shared == ["assent"]


@pytest.mark.parametrize("suspected", [True, None])
def test_a_guardian_who_may_be_involved_does_not_answer(amara: Persona, suspected: bool | None) -> None:
    case = _child(amara, 16)

    with pytest.raises(AnswerRefused) as refused:
        answered(amara, case, asked(amara, case), yes(), childs_talk(guardian_suspected=suspected))

    assert refused.value.shared == ["trusted"]


def test_a_representative_answers_where_the_guardian_is_suspected(amara: Persona) -> None:
    case = _child(amara, 16)
    said = childs_talk(given_by="representative", guardian="Ibu Pendamping", guardian_suspected=True)

    answered(amara, case, asked(amara, case), yes(), said)

    assert standing_consent(case, "interview") is not None


def test_what_a_guardian_agreed_to_ends_when_the_child_grows_up(amara: Persona) -> None:
    case = _child(amara, 17)
    adult = adult_from(case)
    assert adult is not None

    with pytest.raises(AnswerRefused) as refused:
        answered(amara, case, asked(amara, case), Answer(yes=True, until=adult), childs_talk())
    answered(amara, case, asked(amara, case), Answer(yes=True, until=adult - timedelta(days=1)), childs_talk())

    assert list(refused.value.missing.values()) == [["until"]]
    assert standing_consent(case, "interview", on=adult) is None


def test_whoever_may_be_a_child_by_the_file_answers_as_one_whatever_is_said(amara: Persona) -> None:
    case = _child(amara, 17)

    with pytest.raises(AnswerRefused):
        answered(amara, case, asked(amara, case), yes(), talk(is_child=False))


def _child(by: Persona, age: int) -> Case:
    case = case_of(by)
    case.age_at_opening = age
    case.save(update_fields=["age_at_opening"])
    return case


STEPS = st.lists(st.sampled_from([Step.GIVE, Step.REFUSE, Step.WITHDRAW]), max_size=6)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_a_consent_moves_only_along_the_table(amara: Persona, steps: list[Step]) -> None:
    case = case_of(amara)
    consent = asked(amara, case)
    expected = State.REQUESTED
    for step in steps:
        allowed = TRANSITIONS.get((expected, step))
        try:
            if step is Step.WITHDRAW:
                actions.withdraw(by=amara.actor(), case=case, ref=consent.ref)
            else:
                answered(amara, case, consent, yes() if step is Step.GIVE else NO)
        except ConsentError:
            assert allowed is None
        else:
            assert allowed is not None
            expected = allowed.to
    consent.refresh_from_db()
    assert State(consent.state) is expected
    assert expected in STORED
