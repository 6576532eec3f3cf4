"""
Asks the database what is asked all day, without writing the question anew each time.

The ORM takes a quarter of a millisecond to turn a query into a statement, ten times what the database and the driver
need to answer it, and a page asks a dozen. A question is written with the ORM, becomes a statement once, and from then
on only its values change. It is for what every page asks; anything else is a plain query.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models.expressions import Expression
from django.db.models.query import ModelIterable, ValuesListIterable, get_related_populators
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row")
ID = models.BigIntegerField()


class Given(Expression):
    """The place of a value that is known only when the question is asked."""

    def __init__(self, name: str, field: models.Field[Any, Any]) -> None:
        super().__init__(output_field=field)
        self.name = name

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

    def __init__(self, make: Callable[..., models.QuerySet[Any, Row]], places: dict[str, models.Field[Any, Any]]):
        self._make = make
        self._places = places
        self._statements: dict[tuple[object, ...], _Statement] = {}

    def __call__(self, **given: Any) -> list[Row]:
        """
        The rows of the answer: objects of a model, or tuples where the query says `values_list`.

        Args:
            given: A value for each place, never None: a comparison with nothing is another statement. What else
                the function takes, a limit or a model, is written into the statement, and should have few values.
        """
        if any(given.get(place) is None for place in self._places):
            raise TypeError(f"the question needs {', '.join(self._places)}, and none of them may be None")
        statement = self._statement({name: value for name, value in given.items() if name not in self._places})
        with connection.cursor() as cursor:
            cursor.execute(statement.sql, [_filled(param, given) for param in statement.params])
            rows: Any = cursor.fetchall()
        if statement.converters:
            rows = statement.compiler.apply_converters(rows, statement.converters)
        made = statement.made
        return [made(row) for row in rows]

    def first(self, **given: Any) -> Row | None:
        """The first row, or nothing."""
        return next(iter(self(**given)), None)

    def _statement(self, fixed: dict[str, object]) -> _Statement:
        key = (connection.vendor, *fixed.values())
        known = self._statements.get(key)
        if known is None:
            query = self._make(**{name: Given(name, field) for name, field in self._places.items()}, **fixed)
            if query._iterable_class not in (ModelIterable, ValuesListIterable):
                raise TypeError("a question gives objects, or tuples by values_list")
            compiler = query.query.get_compiler(DEFAULT_DB_ALIAS)
            sql, params = compiler.as_sql()
            converters = compiler.get_converters([column[0] for column in compiler.select])
            made = _object_maker(compiler) if query._iterable_class is ModelIterable else tuple
            known = self._statements[key] = _Statement(sql, tuple(params), compiler, converters, made)
        return known


def question(
    **places: models.Field[Any, Any],
) -> Callable[[Callable[..., models.QuerySet[Any, Row]]], Question[Row]]:
    """
    Make a question of a function that builds a query.

    Args:
        places: The parameters of the function, each with the field that prepares its values for the database.
    """
    return lambda make: Question(make, places)


def _filled(param: Any, given: dict[str, object]) -> Any:
    if isinstance(param, Given):
        return param.output_field.get_db_prep_value(given[param.name], connection)
    return param


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
