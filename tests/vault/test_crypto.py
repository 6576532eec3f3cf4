"""Items, keys and files: what is changed, cut, swapped or moved is refused."""

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from naungan.vault import crypto
from naungan.vault.crypto import SEGMENT_BYTES, TAG_BYTES, DataKey
from naungan.vault.errors import BadName, Tampered

KEY = bytes(range(32))
HEADER_BYTES = 43
values = st.one_of(st.text(max_size=300), st.binary(max_size=300))


def data_key(ref: str = "AAAA", version: int = 1, key: bytes = KEY) -> DataKey:
    return DataKey(key, ref=ref, version=version)


def encrypted(content: bytes, name: str = "photo", ref: str = "AAAA") -> bytes:
    return b"".join(data_key(ref).encrypt_stream(name, [content]))


def decrypted(sealed: bytes, name: str = "photo", ref: str = "AAAA", piece: int = 1000) -> bytes:
    pieces = [sealed[at : at + piece] for at in range(0, len(sealed), piece)]
    return b"".join(data_key(ref).decrypt_stream(name, pieces))


@given(values)
def test_item_sealed_opens_to_the_same(value: str | bytes) -> None:
    key = data_key()

    assert key.open("prs_FirstName", key.seal("prs_FirstName", value)) == value


@given(values, st.data())
def test_item_changed_in_one_bit_is_refused(value: str | bytes, data: st.DataObject) -> None:
    key = data_key()
    sealed = bytearray(key.seal("prs_FirstName", value))
    place = data.draw(st.integers(0, len(sealed) * 8 - 1))

    sealed[place // 8] ^= 1 << place % 8

    with pytest.raises(Tampered):
        key.open("prs_FirstName", bytes(sealed))


@given(values, st.data())
def test_item_cut_is_refused(value: str | bytes, data: st.DataObject) -> None:
    key = data_key()
    sealed = key.seal("prs_FirstName", value)

    with pytest.raises(Tampered):
        key.open("prs_FirstName", sealed[: data.draw(st.integers(0, len(sealed) - 1))])


@pytest.mark.parametrize(
    ("ref", "name", "version", "key"),
    [
        ("BBBB", "prs_FirstName", 1, KEY),
        ("AAAA", "prs_SecondName", 1, KEY),
        ("AAAA", "prs_FirstName", 2, KEY),
        ("AAAA", "prs_FirstName", 1, bytes(32)),
    ],
)
def test_item_moved_to_another_place_is_refused(ref: str, name: str, version: int, key: bytes) -> None:
    sealed = data_key().seal("prs_FirstName", "Contoh")

    with pytest.raises(Tampered):
        data_key(ref, version, key).open(name, sealed)


def test_item_is_bound_to_subject_name_and_version_in_the_written_form() -> None:
    sealed = data_key("REF", 7).seal("name", "x")

    AESGCM(KEY).decrypt(sealed[:12], sealed[12:], b"naungan\x00item\x00REF\x00name\x007")


def test_item_sealed_twice_differs() -> None:
    assert data_key().seal("a", "Contoh") != data_key().seal("a", "Contoh")


@given(st.text(max_size=7), st.text(max_size=7))
def test_item_length_does_not_tell_short_values_apart(one: str, other: str) -> None:
    assert len(data_key().seal("a", one)) == len(data_key().seal("a", other))


@pytest.mark.parametrize("name", ["", "a\0b", "a\nb", "x" * 121])
def test_name_that_blurs_what_is_bound_is_refused(name: str) -> None:
    with pytest.raises(BadName):
        crypto.check_name(name)


@given(st.dictionaries(st.text(min_size=1, max_size=20), st.binary(max_size=50), max_size=5))
def test_pack_and_unpack_agree(items: dict[str, bytes]) -> None:
    assert crypto.unpack(crypto.pack(items)) == items


@pytest.mark.parametrize("row", [b"\x05", b"\x01\x00\x00\x00\x09a", b"\x01\x00\x00\x00\x00\xff"])
def test_unpack_damaged_row_is_refused(row: bytes) -> None:
    with pytest.raises(Tampered):
        crypto.unpack(row)


def test_wrapped_key_of_another_subject_or_version_is_refused() -> None:
    wrapping = AESGCM(KEY)
    wrapped = crypto.wrap_key(wrapping, bytes(32), ref="AAAA", kek_version=1)

    assert crypto.unwrap_key(wrapping, wrapped, ref="AAAA", kek_version=1) == bytes(32)
    assert len(wrapped) == crypto.WRAPPED_BYTES
    for ref, version in (("BBBB", 1), ("AAAA", 2)):
        with pytest.raises(Tampered):
            crypto.unwrap_key(wrapping, wrapped, ref=ref, kek_version=version)


def test_subkeys_of_two_purposes_or_salts_differ() -> None:
    made = {crypto.subkey(KEY, "audit"), crypto.subkey(KEY, "backup"), crypto.subkey(KEY, "audit", salt=b"1" * 32)}

    assert len(made) == 3


@pytest.mark.parametrize("length", [0, 1, SEGMENT_BYTES - 1, SEGMENT_BYTES, SEGMENT_BYTES + 1, 3 * SEGMENT_BYTES])
def test_file_encrypted_decrypts_to_the_same(length: int) -> None:
    content = bytes(at % 251 for at in range(length))

    assert decrypted(encrypted(content)) == content
    assert decrypted(encrypted(content), piece=100_000) == content


@given(st.integers(0, 2 * SEGMENT_BYTES + 100), st.integers(0, 7))
def test_file_changed_in_one_bit_is_refused(place: int, bit: int) -> None:
    sealed = bytearray(encrypted(b"x" * (2 * SEGMENT_BYTES)))

    sealed[place % len(sealed)] ^= 1 << bit

    with pytest.raises(Tampered):
        decrypted(bytes(sealed), piece=50_000)


@pytest.mark.parametrize("kept", [0, 10, HEADER_BYTES, HEADER_BYTES + 1])
def test_file_cut_short_is_refused(kept: int) -> None:
    with pytest.raises(Tampered):
        decrypted(encrypted(b"x" * 100)[:kept])


def test_file_cut_at_a_segment_is_refused() -> None:
    sealed = encrypted(b"x" * (2 * SEGMENT_BYTES))

    with pytest.raises(Tampered):
        decrypted(sealed[: HEADER_BYTES + SEGMENT_BYTES + TAG_BYTES])


def test_file_with_segments_swapped_or_added_is_refused() -> None:
    sealed = encrypted(b"x" * (3 * SEGMENT_BYTES))
    width = SEGMENT_BYTES + TAG_BYTES
    head, first, second, rest = (
        sealed[:HEADER_BYTES],
        sealed[HEADER_BYTES : HEADER_BYTES + width],
        sealed[HEADER_BYTES + width : HEADER_BYTES + 2 * width],
        sealed[HEADER_BYTES + 2 * width :],
    )

    for wrong in (head + second + first + rest, head + first + first + second + rest, sealed + rest):
        with pytest.raises(Tampered):
            decrypted(wrong)


@pytest.mark.parametrize(("name", "ref"), [("other", "AAAA"), ("photo", "BBBB")])
def test_file_of_another_name_or_subject_is_refused(name: str, ref: str) -> None:
    with pytest.raises(Tampered):
        decrypted(encrypted(b"x"), name, ref)
