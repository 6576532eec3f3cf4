"""What is measured inside one process against one world: lists, pages, work list, saving, searching."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from random import Random
from typing import Any

from django.db import connection
from django.db.models import Max, Min

from bench import people
from bench.clocks import Act, Figures, measure
from naungan.access import clock
from naungan.access.policy import Relation
from naungan.protection.cases import actions, queries
from naungan.protection.cases.models import Case, CaseRelation, Person
from naungan.protection.cases.scope import scope_number
from naungan.vault import queries as vault
from naungan.vault import store
from naungan.vault.index.profile import Profile
from naungan.vault.queries import Criteria

Measured = list[Figures]
LIST_COLUMNS = (
    "c.code, c.state, c.opened_on, c.touched_at, p.gender, c.age_at_opening, c.trafficking_status,"
    " c.exploitation_types, c.is_restricted"
)


def statement(sql: str, params: Sequence[object]) -> list[tuple[Any, ...]]:
    """One statement over the driver of this very connection, without Django."""
    cursor = connection.connection.cursor()
    cursor.execute(sql.replace("%s", "?") if connection.vendor == "sqlite" else sql, list(params))
    return cursor.fetchall() if cursor.description else []


def moment() -> object:
    return connection.ops.adapt_datetimefield_value(clock.now())


def list_json(runs: int) -> Measured:
    """The case list as a program gets it: 50 rows, permission, filter, sort, over the biggest organisation."""
    _unlimited()
    door, scope, user = _program()
    wide = "/api/v1/cases?open=true&sort=touched"
    narrow = "/api/v1/cases?open=true&sort=opened&gender=Feminine&exploitation=SexualExploitation"
    _require_rows(door, (wide, narrow))
    next_key = json.loads(door.get(wide))["next"]
    for _ in range(20):
        next_key = json.loads(door.get(f"{wide}&after={next_key}"))["next"]
    plain = bare_list(scope, user)
    filtered = bare_list(scope, user, sort="opened_on", where=f" AND p.gender = %s AND {_holds()}", given=_given())
    return [
        measure("case list as JSON", lambda _: door.get(wide), runs=runs, bare=plain, note="open, last touched first"),
        measure(
            "case list as JSON, filtered", lambda _: door.get(narrow), runs=runs, bare=filtered,
            note="sex and form of exploitation, newest first",
        ),
        measure("case list as JSON, page 22", lambda _: door.get(f"{wide}&after={next_key}"), runs=runs),
        measure("case list as JSON, counted to 1000", lambda _: door.get(f"{wide}&count=true"), runs=runs // 2),
        measure(
            "case list as JSON, rare filter", lambda _: door.get(f"{wide}&industry=B_MiningAndQuarrying&child=true"),
            runs=max(3, runs // 20), note="few cases answer", warm=1,
        ),
    ]  # fmt: skip


def list_page(runs: int) -> Measured:
    """The case list as a page, by a supervisor and by a case manager."""
    user = people.person(people.SUPERVISOR)
    team = user.grants.exclude(team=None).values_list("team_id", flat=True)[0]
    bare = bare_list(scope_number(Relation.TEAM, team), user.pk)
    supervisor, worker = people.browser_door(people.SUPERVISOR), people.browser_door(people.WORKER)
    return [
        measure("case list as a page", lambda _: supervisor.get("/cases/"), runs=runs, bare=bare, note="supervisor"),
        measure("case list as a page", lambda _: worker.get("/cases/"), runs=runs, note="case manager"),
    ]


def open_case(runs: int) -> Measured:
    """The page of a case with its record and timeline, another case each time; and the same as JSON."""
    _unlimited()
    cases = _own_cases()
    worker = people.browser_door(people.WORKER)
    program, _, _ = _program()

    def bare(number: int) -> None:
        _, code, subject = cases[number % len(cases)]
        row = statement(
            "SELECT * FROM cases_case c JOIN cases_person p ON p.id = c.person_id WHERE c.code = %s", [code]
        )
        statement("SELECT * FROM vault_sealeditem WHERE subject_id = %s", [subject])
        statement("SELECT * FROM cases_entry WHERE case_id = %s ORDER BY at DESC, id DESC LIMIT 40", [row[0][0]])

    def page(number: int) -> None:
        worker.get(f"/cases/{cases[number % len(cases)][1]}/")

    def record(number: int) -> None:
        program.get(f"/api/v1/cases/{cases[number % len(cases)][1]}")

    return [
        measure("open a case", page, runs=runs, bare=bare, note="page; one audit entry"),
        measure("open a case as JSON", record, runs=runs, bare=bare, note="one audit entry"),
    ]


def work_list(runs: int) -> Measured:
    """Home: what needs me today."""
    user = people.person(people.WORKER).pk
    worker, supervisor = people.browser_door(people.WORKER), people.browser_door(people.SUPERVISOR)

    def bare(_: int) -> None:
        statement(
            "SELECT d.kind, c.code, d.due_at, d.ref FROM cases_deadline d JOIN cases_case c ON c.id = d.case_id"
            " WHERE d.user_id = %s AND d.done_at IS NULL ORDER BY d.due_at LIMIT 50",
            [user],
        )

    return [
        measure("work list (home)", lambda _: worker.get("/"), runs=runs, bare=bare, note="case manager"),
        measure("work list (home)", lambda _: supervisor.get("/"), runs=runs, note="supervisor"),
    ]


def save_step(runs: int) -> Measured:
    """Save one step: two columns, or two columns and a sealed text, with audit, timeline and every list's order."""
    _unlimited()
    cases = [case for case, _, _ in _own_cases()]
    worker = people.actor(people.WORKER)
    versions: dict[int, int] = {}
    stamp = count()

    def save(number: int, values: Mapping[str, object]) -> None:
        case = cases[number % len(cases)]
        saved = actions.save_fields(by=worker, case=case, values=values, version=versions.get(case.pk, case.version))
        versions[case.pk] = saved.version

    def columns(number: int) -> None:
        turn = next(stamp)
        save(number, {"vic_AgeWhenTrafficked": 8 + turn % 60, "prs_NumberOfChildren": turn % 14})

    def sealed(number: int) -> None:
        turn = next(stamp)
        save(number, {"vic_AgeWhenTrafficked": 8 + turn % 60, "prs_MailingCity": f"Kota Rekaan {turn}"})

    def bare(number: int) -> None:
        pk, now = cases[number % len(cases)].pk, moment()
        statement("BEGIN", [])
        statement(
            "UPDATE cases_case SET age_when_trafficked = %s, touched_at = %s WHERE id = %s", [8 + number % 60, now, pk]
        )
        statement("UPDATE cases_caserelation SET touched_at = %s WHERE case_id = %s", [now, pk])
        statement(
            "INSERT INTO cases_entry (ref, case_id, kind, at, details, has_text)"
            " VALUES (%s, %s, 'saved', %s, '{}', %s)",
            [f"B{next(stamp):015d}", pk, now, False],
        )
        statement("COMMIT", [])

    figures = [
        measure("save one step", columns, runs=runs, bare=bare, note="two columns"),
        measure("save one step", sealed, runs=runs, note="a column and a sealed, indexed text"),
    ]
    statement("DELETE FROM cases_entry WHERE ref LIKE 'B000000%%'" if connection.vendor != "sqlite"
              else "DELETE FROM cases_entry WHERE ref LIKE 'B000000%'", ())  # fmt: skip
    return figures


def search(runs: int) -> Measured:
    """Find people of the biggest organisation by what is typed in the search box, audit entries included."""
    by = people.actor(people.SUPERVISOR)
    known = _known(runs * 3 + 20)
    found: list[bool] = []

    def asking(make: Callable[[Profile], str]) -> Act:
        asked = [(subject, make(profile)) for subject, profile in known]
        asked = [(subject, text) for subject, text in asked if text]

        found.clear()
        for subject, text in asked[:60]:
            hits = vault.search([by.organisation_id], text, limit=200).hits
            found.append(any(hit.subject_id == subject for hit in hits))
        return lambda number: queries.search_people(by, asked[number % len(asked)][1])

    kinds: dict[str, Callable[[Profile], str]] = {
        "full name": lambda p: p.name,
        "misspelt": lambda p: _misspelt(p.name),
        "sound-alike": lambda p: _old_spelling(p.name),
        "start of a word and a word": _started,
        "telephone": lambda p: f"+62{p.phones[0]}" if p.phones else "",
        "one word only": lambda p: p.name.split()[0],
    }
    return [_searched(f"name search: {kind}", asking(make), runs, found) for kind, make in kinds.items()]


def duplicates(runs: int) -> Measured:
    """The check while typing: name, year of birth, sex and province, decryption included."""
    known = _known(runs * 3 + 20)
    every = people.organisation_ids()

    def act_in(organisations: list[int]) -> Act:
        def act(number: int) -> None:
            _, profile = known[number % len(known)]
            asked = Criteria(
                name=profile.name,
                birth_year=profile.birth_year,
                sex=profile.facets.sex,
                province=profile.facets.province,
            )
            vault.search(organisations, asked, limit=20)

        return act

    return [
        measure("duplicate check", act_in(every[:1]), runs=runs * 2, note="the biggest organisation"),
        measure("duplicate check", act_in(every), runs=runs, note="all organisations, one after another"),
    ]


MEASURES: Mapping[str, Callable[[int], Measured]] = {
    "list": list_json,
    "page": list_page,
    "open": open_case,
    "home": work_list,
    "save": save_step,
    "search": search,
    "duplicates": duplicates,
}


def bare_list(scope: int, user: int, *, sort: str = "touched_at", where: str = "", given: Sequence[object] = ()) -> Act:
    """The same list as one statement: permission, restriction, term, conflict of interest, filter and sort."""
    sql = (
        f"SELECT {LIST_COLUMNS} FROM cases_caserelation r JOIN cases_case c ON c.id = r.case_id"
        " JOIN cases_person p ON p.id = c.person_id"
        " WHERE r.scope = %s AND r.is_open = %s AND NOT r.is_restricted AND (r.ends_at IS NULL OR r.ends_at > %s)"
        " AND NOT EXISTS (SELECT 1 FROM cases_conflictofinterest f WHERE f.case_id = r.case_id AND f.user_id = %s)"
        f"{where} ORDER BY r.{sort} DESC, r.case_id DESC LIMIT 51"
    )
    now = moment()
    connection.ensure_connection()
    return lambda _: statement(sql, [scope, True, now, user, *given])


def _holds() -> str:
    if connection.vendor == "sqlite":
        return "EXISTS (SELECT 1 FROM json_each(c.exploitation_types) WHERE value = %s)"
    return "c.exploitation_types @> %s::jsonb"


def _given() -> list[str]:
    return ["Feminine", "SexualExploitation" if connection.vendor == "sqlite" else '["SexualExploitation"]']


def _unlimited() -> None:
    """A measurement asks faster than any program may."""
    from naungan.exchange.api import limits

    limits.PER_MINUTE = 10**9


def _program() -> tuple[people.Door, int, int]:
    secret = people.token()
    by = people.program(secret)
    return people.program_door(secret), scope_number(Relation.HOLDER, by.organisation_id), by.user_id


def _require_rows(door: people.Door, paths: Sequence[str]) -> None:
    for path in paths:
        rows = len(json.loads(door.get(path))["cases"])
        if rows != 50:
            raise RuntimeError(f"{path} gives {rows} rows, not 50")


def _own_cases() -> list[tuple[Case, str, int]]:
    """Cases of the case manager's own: the case, its code and whose it is."""
    scope = scope_number(Relation.ASSIGNED, people.person(people.WORKER).pk)
    ids = list(CaseRelation.objects.filter(scope=scope, is_open=True).values_list("case_id", flat=True)[:200])
    cases = Case.objects.filter(pk__in=ids, is_restricted=False).select_related("person__subject")
    return [(case, case.code, case.person.subject_id) for case in cases]


def _known(most: int) -> list[tuple[int, Profile]]:
    """People of the biggest organisation, anywhere in it, with what could be asked about them."""
    organisation = people.organisation_ids()[0]
    ends = Person.objects.aggregate(first=Min("pk"), last=Max("pk"))
    draw = Random(7)
    ids = [draw.randint(ends["first"], ends["last"]) for _ in range(most * 12)]
    subjects = Person.objects.filter(pk__in=ids, organisation_id=organisation).values_list("subject_id", flat=True)
    found = [(pk, Profile.from_text(text)) for pk, _, text in store.profiles(list(subjects))]
    found = [(pk, profile) for pk, profile in found if len(profile.name.split()) > 1]
    draw.shuffle(found)
    return found[:most]


def _misspelt(name: str) -> str:
    """Two letters of the longest word changed places."""
    words = name.split()
    at = max(range(len(words)), key=lambda one: len(words[one]))
    word = words[at]
    middle = len(word) // 2
    words[at] = word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :] if middle else word
    return " ".join(words)


def _old_spelling(name: str) -> str:
    """As the name would have been written before 1947, and heard the same."""
    text = name.lower()
    for new, old in (("j", "dj"), ("c", "tj"), ("y", "j"), ("u", "oe")):
        text = text.replace(new, old)
    return text


def _started(profile: Profile) -> str:
    first, second, *_ = profile.name.split()
    return f"{first} {second[:3]}" if len(second) >= 3 else ""


def _searched(name: str, act: Act, runs: int, found: list[bool]) -> Figures:
    share = sum(found) / max(1, len(found))
    figures = measure(name, act, runs=runs, note="biggest organisation")
    figures.more["found"] = share
    return figures
