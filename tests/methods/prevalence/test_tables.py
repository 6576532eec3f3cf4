"""Capture tables: what is read, and every refusal with its row and rule."""

from __future__ import annotations

import pickle
from pathlib import Path
from string import Formatter

import numpy as np
import pytest
from hypothesis import given

from naungan.methods.prevalence.errors import MESSAGES, PrevalenceError
from naungan.methods.prevalence.tables import (
    MAX_LISTS,
    CaptureTable,
    from_draws,
    from_records,
    read_csv,
    read_records,
    read_strata,
)
from tests.methods.prevalence.sparse import tables

GOOD = "polisi,LSM,Dinas Sosial,jumlah\n1,0,0,10\n0,1,0,20\n1,1,0,5\n0,1,1,3\n"


def refused(text: str) -> PrevalenceError:
    with pytest.raises(PrevalenceError) as caught:
        read_csv(text)
    return caught.value


def test_indonesian_header_is_kept_as_written() -> None:
    table = read_csv(GOOD)

    assert table.lists == ("polisi", "LSM", "Dinas Sosial")
    assert table.observed == 38


def test_semicolons_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    path = tmp_path / "tabel.csv"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace(",", ";").encode())

    assert read_csv(path).hash == read_csv(GOOD).hash


@pytest.mark.parametrize(
    ("text", "code", "row"),
    [
        ("A,B,count\n1,0,-3\n1,1,2\n", "count-negative", 2),
        ("A,B,count\n1,0,3.5\n1,1,2\n", "count-not-whole", 2),
        ("A,B,count\n1,0,1e3\n1,1,2\n", "count-not-whole", 2),
        ("A,B,count\n1,0,\n1,1,2\n", "count-missing", 2),
        ("A,B,count\n1,0,3\n1,1,2\n1,0,3\n", "pattern-twice", 4),
        ("A,B,count\n1,0,3\n0,0,2\n", "nobody-pattern", 3),
        ("A,B,count\n1,yes,3\n", "pattern-cell", 2),
        ("A,B,count\n1,0\n", "row-length", 2),
        ("A,B,count\n1,0,1000000000\n", "count-too-large", None),
        ("A,B,count\n1,0,99999999999999999999\n", "count-too-large", None),
        ("A,B,count\n1,0," + "9" * 5000 + "\n", "count-too-large", None),
        ("A,B,count\n1,0,-" + "9" * 5000 + "\n", "count-negative", 2),
        ("A,B,count\n1,0,1 000\n", "count-not-whole", 2),
        ("A,B,count\n1,0,+5\n", "count-not-whole", 2),
        ("A,B,count\n1,0,NaN\n", "count-not-whole", 2),
        ("A,B\x1b[31m,count\n1,0,5\n", "list-name", None),
        ("A,B,count\n1,0,0\n", "no-people", None),
        ("A,count\n1,5\n", "one-list", None),
        ("A,A,count\n1,0,5\n", "list-twice", None),
        ("A,,count\n1,0,5\n", "list-name", None),
        ('"A, Kota";B;count\n1;0;5\n', "list-name", None),
        ("A" * 200_000 + ",B,count\n1,0,5\n", "cell-too-long", 1),
        ("A,B:C,count\n1,0,5\n", "list-name", None),
        ("A,B,people\n1,0,5\n", "no-count-column", None),
        ("1,0,5\n0,1,5\n", "no-count-column", None),
        ("A,B,count\n", "table-empty", None),
    ],
)
def test_bad_table_is_refused_with_its_rule_and_row(text: str, code: str, row: int | None) -> None:
    error = refused(text)

    assert error.code == code
    assert error.params.get("row") == row


def test_twelve_lists_are_refused_with_the_limit() -> None:
    names = [f"L{at}" for at in range(12)]

    error = refused(",".join([*names, "count"]) + "\n" + ",".join(["1"] * 12 + ["5"]) + "\n")

    assert (error.code, error.params["limit"]) == ("too-many-lists", MAX_LISTS)


def test_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b"\xff\xfe\x00\x01\n\x80")

    with pytest.raises(PrevalenceError) as caught:
        read_csv(path)

    assert caught.value.code == "table-unreadable"


def test_message_never_holds_the_count() -> None:
    assert "987.5" not in str(refused("A,B,count\n1,0,987.5\n"))


@pytest.mark.parametrize("language", ["en", "id"])
def test_every_refusal_has_whole_sentences(language: str) -> None:
    for code, words in MESSAGES.items():
        names = {name for sentence in words for _, name, _, _ in Formatter().parse(sentence) if name}
        what, fix = PrevalenceError(code, dict.fromkeys(names, "x")).say(language)
        assert what.endswith((".", ";")), code
        assert fix.endswith("."), code


def test_refusal_survives_a_process_border() -> None:
    error = PrevalenceError("one-list")

    assert pickle.loads(pickle.dumps(error)).code == "one-list"  # noqa: S301 - our own bytes


@given(tables())
def test_people_on_all_lists_are_counted_as_by_hand(table: CaptureTable) -> None:
    for mask in range(2**table.t):
        by_hand = sum(int(n) for pattern, n in enumerate(table.counts) if pattern & mask == mask)
        assert table.on_all[mask] == by_hand


def test_hash_depends_on_names_and_counts_and_not_on_row_order() -> None:
    lines = GOOD.splitlines()
    turned = "\n".join([lines[0], *reversed(lines[1:])]) + "\n"

    assert read_csv(turned).hash == read_csv(GOOD).hash
    assert read_csv(GOOD.replace("LSM", "NGO")).hash != read_csv(GOOD).hash
    assert read_csv(GOOD.replace(",10", ",11")).hash != read_csv(GOOD).hash


def test_counts_cannot_be_changed_afterwards() -> None:
    with pytest.raises(ValueError, match="read-only"):
        read_csv(GOOD).counts[1] = 7


def test_joining_two_lists_of_the_uk_gives_the_published_five_list_table() -> None:
    data = Path(__file__).parent / "data"

    joined = read_csv(data / "UKdat.csv").joined("PF", "NCA", into="PFNCA")

    published = read_csv(data / "UKdat_5.csv")
    assert joined.lists == published.lists
    np.testing.assert_array_equal(joined.counts, published.counts)


def test_leaving_a_list_out_drops_people_known_to_it_alone() -> None:
    table = read_csv(GOOD)

    assert table.without("polisi").observed == table.observed - 10


def test_overlaps_say_where_the_information_is() -> None:
    overlaps = read_csv(GOOD).overlaps

    assert (overlaps.two_or_more, overlaps.three_or_more) == (8, 0)
    assert overlaps.empty_pairs == (("polisi", "Dinas Sosial"),)


def test_records_are_counted_by_person() -> None:
    table = from_records([("A", "1"), ("B", "1"), ("A", "2"), ("B", "3")])

    assert {":".join(table.names_of(m)): int(n) for m, n in enumerate(table.counts) if n} == {"A": 1, "B": 1, "A:B": 1}


def test_person_twice_on_one_list_is_refused() -> None:
    with pytest.raises(PrevalenceError) as caught:
        from_records([("A", "1"), ("B", "1"), ("A", "1")])

    assert (caught.value.code, caught.value.params["row"]) == ("record-twice", 3)


def test_records_are_read_from_the_named_columns() -> None:
    text = "daftar,orang,x\nA,1,9\nB,1,9\nA,2,9\n"

    assert read_records(text, list_column="daftar", cluster_column="orang").observed == 2


def test_record_twice_is_refused_with_its_row_in_the_file() -> None:
    with pytest.raises(PrevalenceError) as caught:
        read_records("list,cluster\nA,1\n\nB,1\nA,1\n")

    assert caught.value.params["row"] == 5


def test_record_without_a_person_is_refused_with_its_row() -> None:
    with pytest.raises(PrevalenceError) as caught:
        read_records("list,cluster\nA,1\nB,\n")

    assert (caught.value.code, caught.value.params["row"]) == ("record-blank", 3)


def test_each_linkage_draw_becomes_a_table_over_the_same_lists() -> None:
    found = from_draws(["A", "B", "A"], [["1", "1", "2"], ["1", "3", "2"]])

    assert [table.observed for table in found] == [2, 3]
    assert found[0].lists == found[1].lists


def test_draw_of_another_length_is_refused() -> None:
    with pytest.raises(PrevalenceError, match="same lists"):
        from_draws(["A", "B"], [["1", "1"], ["1"]])


def test_strata_are_read_apart() -> None:
    text = "A,B,sex,count\n1,0,f,3\n1,1,f,2\n1,0,m,4\n1,1,m,1\n"

    strata = read_strata(text, "sex")

    assert {name: table.observed for name, table in strata.items()} == {"f": 5, "m": 5}


def test_stratum_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(PrevalenceError) as caught:
        read_strata(GOOD, "provinsi")

    assert caught.value.code == "column-missing"
