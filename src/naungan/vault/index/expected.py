"""How common the most common words of Indonesian names are, as far as a new index must know before it learns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# The part of people, of a thousand, whose name holds the word: rough, rounded, by general knowledge of
# Indonesian names. It only shapes an organisation's first index; `reindex` learns the true figures.
_OF_A_THOUSAND: Final = {
    "muhammad": 45, "nur": 40, "siti": 28, "ahmad": 18, "abdul": 16, "sri": 15, "dewi": 11, "putri": 10,
    "agus": 8, "rahma": 7, "aminah": 6, "ayu": 6, "made": 5, "wayan": 5, "ketut": 4, "nyoman": 4, "putu": 5,
    "kadek": 3, "komang": 3, "dwi": 6, "tri": 5, "eko": 5, "budi": 5, "indah": 5, "lestari": 6, "wati": 5,
    "hidayat": 5, "rahman": 6, "setiawan": 6, "saputra": 7, "pratama": 6, "susanti": 4, "wahyuni": 5,
    "hasan": 4, "ali": 5, "yanti": 4, "ratna": 4, "fitri": 5, "yuni": 3, "maria": 7, "yohanes": 3, "andi": 6,
    "rizki": 5, "aisyah": 5, "fatimah": 5, "maryam": 3, "kusuma": 3, "wijaya": 3, "santoso": 4, "suryani": 3,
    "handayani": 4, "rahayu": 5, "astuti": 4, "utami": 4, "sari": 11, "anggraini": 4, "permata": 3, "maulana": 4,
    "ibrahim": 3, "ismail": 3, "yusuf": 4, "halim": 3, "aziz": 3, "arif": 4, "firman": 2, "hendra": 3, "iwan": 2,
    "joko": 3, "slamet": 2, "supriyadi": 2, "sutrisno": 2, "hayati": 4, "jannah": 4, "azizah": 4, "hasanah": 3,
    "laila": 3, "khasanah": 2, "purnama": 2, "kurniawan": 5, "gunawan": 3, "hartono": 2, "suharto": 1,
    "nugroho": 4, "prasetyo": 4, "wibowo": 3, "ramadan": 4, "fauzi": 3, "hakim": 3, "akbar": 3, "ilham": 2,
}  # fmt: skip

WORD_SHARES: Final[Mapping[str, float]] = {word: part / 1000 for word, part in _OF_A_THOUSAND.items()}
