"""
Asks the database what is asked all day, without writing the question anew each time.

The ORM takes a quarter of a millisecond to turn a query into a statement, ten times what the database and the driver
need to answer it, and a page asks a dozen. A question is written with the ORM, becomes a statement once, and from then
on only its values change. It is for what every page asks; anything else is a plain query.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models.expressions import Expression
from django.db.models.query import ModelIterable, ValuesListIterable, get_related_populators
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row")
ID, MOMENT = models.BigIntegerField(), models.DateTimeField()

# What was answered in this request to questions that are asked `once`.
_answered: ContextVar[dict[tuple[object, ...], list[Any]] | None] = ContextVar("answered", default=None)


@contextmanager
def answering_once() -> Iterator[None]:
    """For the time of a request that changes nothing: a question that is asked `once` is not asked again."""
    token = _answered.set({})
    try:
        yield
    finally:
        _answered.reset(token)


class Given(Expression):
    """The place of a value that is known only when the question is asked."""

    def __init__(self, name: str, field: models.Field[Any, Any], at: int | None = None) -> None:
        super().__init__(output_field=field)
        self.name = name
        self.at = at

    def value(self, given: dict[str, Any]) -> Any:
        """What stands here, as the driver takes it."""
        value = given[self.name] if self.at is None else given[self.name][self.at]
        return self.output_field.get_db_prep_value(value, connection)

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, Any]:
        return "%s", (self,)


@dataclass(frozen=True, slots=True)
class _Statement:
    sql: str
    params: tuple[Any, ...]
    compiler: SQLCompiler
    converters: dict[int, Any]
    made: Callable[[Any], Any]


class Question(Generic[Row]):
    """A query that is compiled once for each kind of database, and each set of what is not a value of it."""

    def __init__(
        self, make: Callable[..., models.QuerySet[Any, Row]], places: dict[str, models.Field[Any, Any]], *, once: bool
    ):
        self._make = make
        self._places = places
        self._once = once
        self._statements: dict[tuple[object, ...], _Statement | None] = {}

    def __call__(self, **given: Any) -> list[Row]:
        """
        The rows of the answer: objects of a model, or tuples where the query says `values_list`.

        Args:
            given: A value for each place, never None: a comparison with nothing is another statement; or a tuple
                of them, for `in`, of which each length is a statement of its own. What else the function takes, a
                limit or a model, is written into the statement, and should have few values.
        """
        if any(given.get(place) is None for place in self._places):
            raise TypeError(f"the question needs {', '.join(self._places)}, and none of them may be None")
        answered = _answered.get() if self._once else None
        if answered is None:
            return self._ask(given)
        key = (self, *sorted(given.items()))
        if key not in answered:
            answered[key] = self._ask(given)
        return list(answered[key])

    def _ask(self, given: dict[str, Any]) -> list[Row]:
        statement = self._statement(given)
        if statement is None:
            return []
        with connection.cursor() as cursor:
            cursor.execute(statement.sql, [p.value(given) if isinstance(p, Given) else p for p in statement.params])
            rows: Any = cursor.fetchall()
        if statement.converters:
            rows = statement.compiler.apply_converters(rows, statement.converters)
        made = statement.made
        return [made(row) for row in rows]

    def first(self, **given: Any) -> Row | None:
        """The first row, or nothing."""
        return next(iter(self(**given)), None)

    def _statement(self, given: dict[str, Any]) -> _Statement | None:
        key = (connection.vendor, *(self._shape(name, value) for name, value in sorted(given.items())))
        if key not in self._statements:
            self._statements[key] = self._compiled(given)
        return self._statements[key]

    def _shape(self, name: str, value: Any) -> object:
        """What of a value the statement depends on: its length in a place for several, all of what has no place."""
        if name not in self._places:
            return value
        return len(value) if isinstance(value, tuple) else None

    def _compiled(self, given: dict[str, Any]) -> _Statement | None:
        """The statement; None where nothing can answer, as in an empty tuple."""
        query = self._make(**{name: self._placed(name, value) for name, value in given.items()})
        if query._iterable_class not in (ModelIterable, ValuesListIterable):
            raise TypeError("a question gives objects, or tuples by values_list")
        compiler = query.query.get_compiler(DEFAULT_DB_ALIAS)
        try:
            sql, params = compiler.as_sql()
        except EmptyResultSet:
            return None
        converters = compiler.get_converters([column[0] for column in compiler.select])
        made = _object_maker(compiler) if query._iterable_class is ModelIterable else tuple
        return _Statement(sql, tuple(params), compiler, converters, made)

    def _placed(self, name: str, value: Any) -> Any:
        field = self._places.get(name)
        if field is None:
            return value
        if isinstance(value, tuple):
            return [Given(name, field, at) for at in range(len(value))]
        return Given(name, field)


def question(
    *,
    once: bool = False,
    **places: models.Field[Any, Any],
) -> Callable[[Callable[..., models.QuerySet[Any, Row]]], Question[Row]]:
    """
    Make a question of a function that builds a query.

    Args:
        once: Whether the answer holds for the rest of a request that changes nothing.
        places: The parameters of the function, each with the field that prepares its values for the database.
    """
    return lambda make: Question(make, places, once=once)


def _object_maker(compiler: SQLCompiler) -> Callable[[Any], Any]:
    """What makes an object of a row, with those that `select_related` named and what `annotate` added."""
    told = compiler.klass_info
    assert told is not None
    model, columns = told["model"], told["select_fields"]
    first, last = columns[0], columns[-1] + 1
    names = [column[0].target.attname for column in compiler.select[first:last]]
    added = compiler.annotation_col_map or {}
    related = get_related_populators(told, compiler.select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]  # the stubs are a version ahead

    def made(row: Any) -> Any:
        one = model.from_db(DEFAULT_DB_ALIAS, names, row[first:last])
        for name, at in added.items():
            setattr(one, name, row[at])
        for populator in related:
            populator.populate(row, one)
        return one

    return made
