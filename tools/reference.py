"""Writes the reference pages that come from the code; `--check` says which of them are behind."""

# ruff: noqa: PLC0415 - Django must be started before its models are read

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click
    from django.db.models import Field as ModelField
    from django.db.models import Model

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
# Pages that have an Indonesian one beside them. Words in bold are those of the screen, in the same order in both.
TRANSLATED = (
    "tutorials/first-hour.md",
    "how-to/add-own-fields.md",
    "how-to/answer-who-saw-my-file.md",
    "how-to/ask-for-consent.md",
    "how-to/plan-for-safety.md",
    "how-to/hand-over-a-caseload.md",
    "how-to/lost-second-factor.md",
)
BOLD = re.compile(r"\*\*([^*\n]+)\*\*")
NOTE = "<!-- Written by tools/reference.py from the code; change the code, then run `make docs`. -->"
HELP_WIDTH = 100
# Lists that the world keeps and that are too long to print.
WORLD_LISTS = ("country", "language", "prs_Citizenship")


def commands() -> str:
    """The command line, from what each command says of itself."""
    from naungan.cli import frame

    parts = ["Each command says the same with `--help`.", fence(help_of(frame.cli, ["naungan"]))]
    for name, (module, _) in frame.COMMANDS.items():
        parts += _command(import_module(module).command, ["naungan", name])
    return page("Commands", parts)


def _command(command: click.Command, path: list[str]) -> Iterator[str]:
    yield f"{'#' * len(path)} {' '.join(path)}"
    yield fence(help_of(command, path))
    for name, inner in sorted(getattr(command, "commands", {}).items()):
        yield from _command(inner, [*path, name])


def help_of(command: click.Command, path: Sequence[str]) -> str:
    """A command's help at a fixed width, whatever the terminal."""
    import click

    context = click.Context(
        command,
        info_name=" ".join(path),
        terminal_width=HELP_WIDTH,
        max_content_width=HELP_WIDTH,
        help_option_names=["-h", "--help"],  # as in a real run, where every command has the names of the first one
    )
    return command.get_help(context)


def policy() -> str:
    """Who may do what: the policy table."""
    from naungan.access.policy import CLOSED_BY_RESTRICTION, FRESH_FOR, POLICY, REVEALING_ROLES, ROLE_WORDS, Relation
    from naungan.access.words import PERMISSION_WORDS, RELATION_WORDS

    parts = [
        "A role gives a permission only through the relations named beside it. What is not here is refused.",
        "A role marked *reveals* shows who somebody is. Outside the demonstration it works only in a session that has "
        "given a second factor.",
        "## Relations",
        table(
            ["Relation", "The case or record is", "On a restricted case"],
            (
                [code(r), str(RELATION_WORDS[r]), "does not count" if r in CLOSED_BY_RESTRICTION else "counts"]
                for r in Relation
            ),
        ),
        "## How fresh the second factor must be",
        table(
            ["Permission", "Words", "At most this old"],
            ([code(p), str(PERMISSION_WORDS[p]), _span(within.total_seconds())] for p, within in FRESH_FOR.items()),
        ),
        "## Roles",
    ]
    for role, row in POLICY.items():
        name, sentence = ROLE_WORDS[role]
        mark = " *Reveals.*" if role in REVEALING_ROLES else ""
        parts += [f"### {name}", f"`{role.value}`: {sentence}{mark}"]
        rows = ([code(p), str(PERMISSION_WORDS[p]), ", ".join(map(code, sorted(r)))] for p, r in sorted(row.items()))
        parts.append(table(["Permission", "Words", "Through"], rows) if row else "No permission on cases.")
    return page("Policy", parts)


def states() -> str:
    """The state machines, each drawn from its table."""
    parts = [
        "A record moves only along these steps.",
        "The tables are those that the program itself reads.",
    ]
    for module in sorted(path for path in (ROOT / "src" / "naungan").rglob("states.py")):
        name = ".".join(module.relative_to(ROOT / "src").with_suffix("").parts)
        parts += _machine(name)
    return page("State machines", parts)


def _machine(name: str) -> Iterator[str]:
    module = import_module(name)
    yield f"## {name.split('.')[-2].replace('_', ' ').capitalize()}"
    yield str(module.__doc__).strip().split(" (")[0].rstrip(".") + "."
    yield table(["State", "On the screen"], ([code(s), str(module.STATE_WORDS[s])] for s in module.State))
    yield table(
        ["From", "Step", "To", "Permission", "Needs"],
        ([code(origin), code(step), *_target(target)] for (origin, step), target in module.TRANSITIONS.items()),
    )


def _target(target: object) -> list[str]:
    if isinstance(target, Enum):
        return [code(target), "", ""]
    guards = ", ".join(map(code, getattr(target, "guards", ())))
    return [code(target.to), code(target.permission), guards]  # type: ignore[attr-defined]  # a transition


def data_dictionary() -> str:
    """Every stored field with its class, and the 84 fields of the standard with the place of each."""
    from django.apps import apps

    parts = [
        "Each field is *identifying*, *sensitive*, *operational* or *open*.",
        "A field of the standard is *sealed* when it lives in the vault, encrypted under the person's own key.",
        "## The 84 fields of HTCDS 2.0",
        table(
            ["API name", "English", "Indonesian", "Kind", "Class", "Kept", "Excel", "Notes"],
            _standard_fields(),
        ),
        "## Tables of the database",
    ]
    for model in sorted(apps.get_models(), key=lambda model: model._meta.label):
        if model.__module__.startswith("naungan."):
            parts += _model(model)
    return page("Data dictionary", parts)


def _standard_fields() -> Iterator[list[str]]:
    from naungan.protection.cases.fields import COLUMNS
    from naungan.standards import htcds

    for name, known in htcds.FIELDS.items():
        column = COLUMNS.get(name)
        place = "sealed" if known.sealed else f"`{column.home}.{column.attribute}`" if column else _elsewhere(name)
        notes = [word for word, is_so in (("core", known.core), ("deprecated", known.deprecated)) if is_so]
        yield [
            code(name), known.label, known.label_id, known.kind.replace("_", " "), known.data_class.value, place,
            known.excel_column or "", ", ".join(notes),
        ]  # fmt: skip


def _elsewhere(name: str) -> str:
    return "the organisation's own record" if name.startswith("org_") else "the case's state"


def _model(model: type[Model]) -> Iterator[str]:
    yield f"### {model._meta.label}"
    yield str(model.__doc__).strip().split("\n\n")[0].replace("\n    ", " ")
    classes = _classes(model)
    yield table(
        ["Field", "Type", "Class"],
        ([code(f.name), _type(f), classes.get(f.name, "operational")] for f in model._meta.local_fields),
    )


def _classes(model: type[Model]) -> dict[str, str]:
    kept = getattr(model, "DataClass", None)
    listed = {kind: getattr(kept, kind, ()) for kind in ("identifying", "sensitive", "operational", "open")}
    return {name: kind for kind, names in listed.items() for name in names}


def _type(field: ModelField[object, object]) -> str:
    target = field.related_model
    if target is None or isinstance(target, str):
        return field.get_internal_type().removesuffix("Field")
    return f"→ {target._meta.label}"


def codes() -> str:
    """Every pick-list, with the codes that this project added and what they are exported as."""
    from naungan.standards import htcds

    parts = [
        "Codes without a mark are those of HTCDS 2.0.",
        "Codes that begin with `x_` are ours.",
        "Where only the standard is understood, the code in the last column is written instead.",
        "Citizenship and countries are ISO 3166-1 alpha-2; languages are ISO 639-2.",
    ]
    for name, known in htcds.FIELDS.items():
        if known.choices and known.kind not in WORLD_LISTS and name not in WORLD_LISTS:
            parts += [f"## {name}", known.label + " · " + known.label_id, _choices(htcds.choices(name))]
    return page("Codes", parts)


def _choices(listed: Mapping[str, object]) -> str:
    rows = (
        [
            code(choice.code),  # type: ignore[attr-defined]  # a Choice
            choice.label,  # type: ignore[attr-defined]  # a Choice
            choice.label_id,  # type: ignore[attr-defined]  # a Choice
            (code(choice.maps_to) if choice.maps_to else "not exported") if choice.extension else "",  # type: ignore[attr-defined]  # a Choice
        ]
        for choice in listed.values()
    )
    return table(["Code", "English", "Indonesian", "Ours, exported as"], rows)


def problems() -> str:
    """What a check can say about a value or a file, in both languages."""
    from naungan.standards.checks import MESSAGES

    parts = ["An *error* keeps a row in quarantine. A *warning* and a *note* do not. No message ever holds the value."]
    for message in MESSAGES.values():
        parts += [
            f"## {message.code}",
            f"*{message.severity}*",
            f"> {message.message} {message.fix}",
            f"> {message.message_id} {message.fix_id}",
        ]
    return page("Problems in files and forms", parts)


def audit_actions() -> str:
    """What the audit chain records."""
    from naungan.access.words import ACTION_WORDS

    rows = ([code(action), str(words)] for action, words in sorted(ACTION_WORDS.items()))
    return page("Audit actions", ["What an entry of the chain can say was done.", table(["Action", "Words"], rows)])


def translated(page: str) -> str:
    """An Indonesian page, with the words of the screen as the screen has them now."""
    from django.utils import translation

    english, indonesian = (DOCS.joinpath(name).read_text(encoding="utf-8") for name in (page, in_indonesian(page)))
    words, places = BOLD.findall(english), BOLD.findall(indonesian)
    if len(words) != len(places):
        raise ValueError(f"{page} names {len(words)} words of the screen, its translation {len(places)}")
    with translation.override("id"):
        shown = iter([translation.gettext(word) for word in words])
    return BOLD.sub(lambda _: f"**{next(shown)}**", indonesian)


def in_indonesian(page: str) -> str:
    """The name of the Indonesian page beside an English one."""
    return page.removesuffix(".md") + ".id.md"


WRITERS: Mapping[str, Callable[[], str]] = {
    "reference/commands.md": commands,
    "reference/policy.md": policy,
    "reference/states.md": states,
    "reference/data-dictionary.md": data_dictionary,
    "reference/codes.md": codes,
    "reference/problems.md": problems,
    "reference/audit-actions.md": audit_actions,
    **{in_indonesian(page): partial(translated, page) for page in TRANSLATED},
}


def page(title: str, parts: Iterable[str]) -> str:
    """A whole page from its parts."""
    return "\n\n".join([NOTE, f"# {title}", *parts]).rstrip() + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown; columns that hold nothing are left out."""
    drawn = [list(row) for row in rows]
    used = [at for at in range(len(head)) if any(row[at] for row in drawn)]
    lines = [[head[at] for at in used], ["---"] * len(used), *([_cell(row[at]) for at in used] for row in drawn)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def fence(text: str) -> str:
    """Text as it is."""
    return f"```text\n{text}\n```"


def code(value: object) -> str:
    """A code as it is written in the program."""
    return f"`{value.value if isinstance(value, Enum) else value}`"


def _cell(text: str) -> str:
    return " ".join(str(text).split()).replace("|", "\\|")


def _span(seconds: float) -> str:
    return f"{seconds / 3600:.0f} hours" if seconds >= 3600 else f"{seconds / 60:.0f} minutes"


def rendered() -> dict[str, str]:
    """Each page by its name, in English; Django must have been started."""
    from django.utils import translation

    with translation.override("en"):
        return {name: writer() for name, writer in WRITERS.items()}


def stale() -> list[str]:
    """The pages that are not what the code says."""
    return [name for name, text in rendered().items() if not _same(DOCS / name, text)]


def _same(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


def main(arguments: Sequence[str]) -> int:
    """Write the pages, or with `--check` say which are behind."""
    os.environ.setdefault("NAUNGAN_DEMO", "1")
    os.environ.setdefault("NAUNGAN_HOME", str(ROOT / "build" / "reference"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "naungan.site.settings")
    import django

    django.setup()
    if "--check" in arguments:
        behind = stale()
        if behind:
            print(f"Behind the code: {', '.join(behind)}. Run make docs.", file=sys.stderr)
        return 1 if behind else 0
    for name, text in rendered().items():
        if not _same(DOCS / name, text):
            (DOCS / name).write_text(text, encoding="utf-8")
            print(f"wrote docs/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
