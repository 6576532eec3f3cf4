"""Places: real provinces, invented towns and villages, so that nobody's home is pointed at."""

from __future__ import annotations

from random import Random

__all__ = ["LANGUAGES", "address", "region_of", "town_abroad", "town_in"]

_BEGINNINGS = (
    "Tirta",
    "Karang",
    "Suka",
    "Wana",
    "Sumber",
    "Banyu",
    "Giri",
    "Tanjung",
    "Muara",
    "Padang",
    "Rejo",
    "Purwa",
)
_ENDS = ("sari", "jati", "mulya", "agung", "asih", "kencana", "raya", "indah", "lestari", "makmur", "rekaan", "harum")
_ABROAD = {
    "MY": ("Kuala Rekaan", "Johor Contoh", "Tawau Rekaan"), "SA": ("Kota Contoh, Saudi",), "TW": ("Taoyuan Contoh",),
    "KH": ("Perbatasan Contoh",), "SG": ("Singapura",), "AE": ("Kota Contoh, Emirat",), "MM": ("Perbatasan Rekaan",),
    "HK": ("Hong Kong",), "TH": ("Pelabuhan Contoh",),
}  # fmt: skip
# ISO 639-2 codes of what is spoken at home.
LANGUAGES = {
    "32": "sun", "36": "sun", "33": "jav", "34": "jav", "35": "jav", "18": "jav", "52": "sas", "51": "ban", "11": "ace",
    "13": "min", "73": "bug", "12": "btk",
}  # fmt: skip


def town_in(random: Random) -> str:
    """An invented town or regency."""
    word = _BEGINNINGS[int(random.random() * 12)] + _ENDS[int(random.random() * 12)]
    return f"{'Kota' if random.random() < 0.3 else 'Kab.'} {word}"


def town_abroad(random: Random, country: str) -> str:
    """A place abroad, as vague as people remember it."""
    towns = _ABROAD.get(country, ("Kota Contoh",))
    return towns[int(random.random() * len(towns))]


def address(random: Random) -> tuple[str, str]:
    """An invented street with a house number, and a postal code that no region has."""
    village = _BEGINNINGS[int(random.random() * 12)] + _ENDS[int(random.random() * 12)]
    draw = random.random()
    if draw < 0.5:
        street = f"Dusun {village} RT {1 + int(random.random() * 9):02d}/RW {1 + int(random.random() * 9):02d}"
    else:
        street = f"Jalan {village} Contoh No. {1 + int(random.random() * 180)}"
    return street, f"00{int(random.random() * 1000):03d}"


def region_of(province: str) -> str:
    """The usual name of the part of the country in which a province lies."""
    parts = {"1": "Sumatra", "2": "Kepulauan Riau", "3": "Jawa", "5": "Bali dan Nusa Tenggara", "6": "Kalimantan"}
    return parts.get(province[0], "Sulawesi" if province[0] == "7" else "Indonesia timur")
