"""The words of a release folder, in English and Indonesian."""

from __future__ import annotations

import math
from collections.abc import Mapping

__all__ = ["WORDS", "guarantee", "say_delta"]

WORDS: Mapping[str, tuple[str, str]] = {
    "what": (
        "These records are synthetic. No row is a person. They were drawn from a statistical model fitted to counts "
        "with noise, so that groups look as they do in the source; "
        "how little they tell of one person stands under the guarantee.",
        "Catatan ini sintetis. Tidak ada baris yang mewakili seseorang. Catatan diambil dari model statistik yang "
        "dicocokkan dengan hitungan berderau, sehingga kelompok tampak seperti di sumbernya; "
        "seberapa sedikit catatan ini mengungkap satu orang tertulis pada bagian jaminan.",
    ),
    "who": (
        "Counted are identified or reported persons assisted by the organisations that contributed. "
        "They are no random "
        "sample, and their number is not the prevalence of trafficking.",
        "Yang dihitung adalah orang yang teridentifikasi atau dilaporkan dan dibantu oleh "
        "organisasi penyumbang data. "
        "Mereka bukan sampel acak, dan jumlahnya bukan prevalensi perdagangan orang.",
    ),
    "use": ("How to use it", "Cara memakainya"),
    "use_text": (
        "Use it to compare groups, to plan and to teach. Cite counts with their interval. Compute "
        "percentages of a group "
        "of attributes over the records with at least one of them filled: a blank means that nothing was recorded.",
        "Pakailah untuk membandingkan kelompok, merencanakan dan mengajar. Kutip hitungan beserta selangnya. Hitung "
        "persentase terhadap catatan yang terisi paling sedikit satu di antara atribut itu: kosong "
        "berarti tidak tercatat.",
    ),
    "not": ("How not to use it", "Jangan dipakai untuk"),
    "not_text": (
        "Do not look for a person: a record that resembles somebody is chance. Do not rely on combinations of many "
        "columns, or on counts smaller than their interval. Do not join it to other files about persons.",
        "Jangan mencari seseorang: catatan yang mirip seseorang hanyalah kebetulan. Jangan "
        "mengandalkan gabungan banyak "
        "kolom, atau hitungan yang lebih kecil daripada selangnya. Jangan menggabungkannya dengan "
        "berkas lain tentang orang.",
    ),
    "guarantee": ("The guarantee", "Jaminannya"),
    "cite": ("How to cite", "Cara mengutip"),
    "columns": ("Columns", "Kolom"),
    "value": ("Value", "Nilai"),
    "count": ("Count", "Hitungan"),
    "interval": ("95 % interval", "Selang 95 %"),
    "blank": ("(nothing recorded)", "(tidak tercatat)"),
    "files": ("Files", "Berkas"),
    "error": ("How exact the counts are", "Ketelitian hitungan"),
    "unbounded": (
        "Exact tables or k-anonymous files of the same people also went out; no bound holds over "
        "all of them together: ",
        "Tabel tepat atau berkas anonim-k tentang orang yang sama juga sudah keluar; tidak ada batas untuk semuanya: ",
    ),
    "test": (
        "NOT PRIVATE. Made with noise that can be repeated, for a test. Must not leave the office.",
        "TIDAK PRIVAT. Dibuat dengan derau yang dapat diulang, untuk uji coba. Tidak boleh keluar dari kantor.",
    ),
}


def say_delta(delta: float) -> str:
    """
    δ as people write small numbers.

    Args:
        delta: δ in (0, 1).

    Returns:
        str: such as 5.05 × 10⁻⁶. Safe to publish.
    """
    digits, power = f"{delta:.2e}".split("e")
    return f"{digits} × 10{str(int(power)).translate(str.maketrans('-0123456789', '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'))}"


def guarantee(epsilon: float, delta: float, rows_per_person: int) -> tuple[str, str]:
    """
    The promise in plain words.

    Args:
        epsilon: ε of the release.
        delta: Its δ.
        rows_per_person: Most rows of one person.

    Returns:
        English and Indonesian. Safe to publish.
    """
    rows = "" if rows_per_person == 1 else f" (with at most {rows_per_person} rows)"
    baris = "" if rows_per_person == 1 else f" (paling banyak {rows_per_person} baris)"
    english, indonesian = _how_sure(epsilon)
    return (
        f"Differential privacy with ε = {epsilon:g} and δ = {say_delta(delta)} (one in {round(1 / delta):,}), for "
        f"adding or removing one person{rows}. "
        "Somebody who knows every other record, and was half sure that the person is in the source, may become "
        f"{english}; whoever knows less learns no more. "
        "It does not hide what is true of whole groups, nor what is known from elsewhere.",
        f"Privasi diferensial dengan ε = {_comma(f'{epsilon:g}')} dan δ = {_comma(say_delta(delta))} "
        f"(satu per {f'{round(1 / delta):,}'.replace(',', '.')}), untuk penambahan atau "
        f"penghapusan satu orang"
        f"{baris}. Orang yang tahu semua catatan lain, dan setengah yakin bahwa orang itu ada di sumber, dapat menjadi "
        f"{indonesian}; yang tahu lebih sedikit tidak akan mengetahui lebih banyak. "
        "Jaminan ini tidak menyembunyikan hal yang benar tentang kelompok, atau yang diketahui dari "
        "tempat lain.",
    )


def _comma(number: str) -> str:
    """A number as Indonesian writes it."""
    return number.replace(".", ",")


def _how_sure(epsilon: float) -> tuple[str, str]:
    """What half sure may become in the worst case, e^ε / (1 + e^ε), rounded up."""
    sure = 1 / (1 + math.exp(-epsilon))
    if sure > 0.999:
        return "practically certain", "praktis yakin"
    said = f"{math.ceil(1000 * sure) / 10:.1f}"
    return f"at most {said} per cent sure", f"paling banyak {said.replace('.', ',')} persen yakin"
