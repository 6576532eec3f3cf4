"""What results say, in whole sentences in English and Indonesian, and how their numbers are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from naungan.methods.prevalence.errors import MESSAGES, PrevalenceError
from naungan.methods.prevalence.results import Reason

__all__ = [
    "FIXED",
    "QUESTIONS",
    "SENTENCES",
    "Language",
    "Question",
    "interval_name",
    "method_name",
    "number",
    "percent",
    "rounded",
    "say",
    "two_figures",
    "word",
]

Language = Literal["en", "id"]

# Printed on every result, word for word.
FIXED: Final[Mapping[Language, str]] = {
    "en": "This is a model-based estimate of people who meet the definition used by these lists. It is not a count, "
    "cannot be traced to people, and depends on assumptions that the data cannot test.",
    "id": "Ini adalah perkiraan berdasarkan model tentang orang yang memenuhi definisi yang dipakai daftar-daftar ini. "
    "Ini bukan hasil hitungan, tidak dapat ditelusuri ke orang, dan bergantung pada asumsi yang tidak dapat diuji "
    "dengan data.",
}


@dataclass(frozen=True, slots=True)
class Question:
    """Something that must hold and that only people can answer; the question in both languages."""

    key: str
    en: str
    id: str


QUESTIONS: Final = (
    Question(
        "closed",
        "Do all lists speak of the same population, place and period?",
        "Apakah semua daftar berbicara tentang populasi, tempat, dan masa yang sama?",
    ),
    Question(
        "definition",
        "Do all lists use the same definition of a victim?",
        "Apakah semua daftar memakai definisi korban yang sama?",
    ),
    Question(
        "everybody-possible",
        "Could everybody in the population appear on each list (none is only for children, or only for women)?",
        "Dapatkah setiap orang dalam populasi muncul di setiap daftar (tidak ada yang khusus anak atau perempuan)?",
    ),
    Question(
        "matched",
        "Were the people matched across lists without error, and was the error measured?",
        "Apakah orang dicocokkan antardaftar tanpa salah, dan apakah kesalahannya diukur?",
    ),
    Question(
        "referral",
        "Is a person's chance of one list the same whether or not they are on another (no referral, detention, "
        "deportation or death between them)?",
        "Apakah peluang seseorang masuk satu daftar sama, baik ia ada di daftar lain maupun tidak (tanpa rujukan, "
        "penahanan, deportasi, atau kematian di antaranya)?",
    ),
    Question(
        "reachable",
        "Could everybody in the population have been found by some list? People whom no list can find are in no "
        "estimate.",
        "Dapatkah setiap orang dalam populasi ditemukan oleh salah satu daftar? Orang yang tidak dapat ditemukan "
        "daftar mana pun tidak termasuk dalam perkiraan apa pun.",
    ),
)

# code: English, Indonesian. Numbers of parameters are written in the manner of the language.
SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    # why there is no estimate
    "no-overlap": (
        "Nobody is on two lists, so the table says nothing about people on no list.",
        "Tidak ada orang di dua daftar, sehingga tabel tidak memberi tahu apa pun tentang orang di luar daftar.",
    ),
    "one-list-with-people": (
        "Only one list has people; at least two lists that overlap are needed.",
        "Hanya satu daftar yang memuat orang; diperlukan sedikitnya dua daftar yang beririsan.",
    ),
    "list-contained": (
        "Everybody on list {inner} is also on list {outer}, so {inner} is no source of its own.",
        "Semua orang di daftar {inner} juga ada di daftar {outer}, sehingga {inner} bukan sumber tersendiri.",
    ),
    "two-lists-refused": (
        "There are two lists only. Their independence cannot be tested, so no model is chosen; ask for the method "
        "two-list, which shows what dependence would do.",
        "Hanya ada dua daftar. Kebebasannya tidak dapat diuji, sehingga tidak ada model yang dipilih; mintalah metode "
        "two-list, yang menunjukkan akibat ketergantungan.",
    ),
    "estimate-at-infinity": (
        "The likelihood has no maximum: the overlaps that would bound the number of hidden people are missing.",
        "Fungsi kemungkinan tidak memiliki maksimum: irisan yang membatasi jumlah orang tersembunyi tidak ada.",
    ),
    "model-not-identifiable": (
        "The table cannot tell the terms of the model apart, so many numbers of hidden people fit equally well.",
        "Tabel tidak dapat membedakan suku-suku model, sehingga banyak angka orang tersembunyi sama cocoknya.",
    ),
    "overlaps-missing": (
        "These pairs of lists share nobody: {pairs}.",
        "Pasangan daftar ini tidak memiliki orang yang sama: {pairs}.",
    ),
    "posterior-open": (
        "The number of hidden people has no end: large numbers remain as likely as the table allows.",
        "Jumlah orang tersembunyi tidak berujung: angka besar tetap mungkin sejauh tabel mengizinkan.",
    ),
    "chains-disagree": (
        "The simulated chains do not agree (R-hat {r_hat}, limit {limit}; {effective} effective draws), so there is no "
        "number to give: models that fit alike differ in how many are hidden.",
        "Rantai simulasi tidak sepakat (R-hat {r_hat}, batas {limit}; {effective} undian efektif), sehingga tidak ada "
        "angka yang dapat diberikan: model yang sama cocoknya berbeda dalam jumlah orang tersembunyi.",
    ),
    "no-replicate-has-an-estimate": (
        "None of the resampled tables has an estimate.",
        "Tidak satu pun tabel hasil penarikan ulang memiliki perkiraan.",
    ),
    "draws-without-estimate": (
        "{share} of the linkage draws have no estimate.",
        "{share} undian pencocokan tidak memiliki perkiraan.",
    ),
    # what to know about an estimate
    "list-empty": ("List {name} has nobody and was left out.", "Daftar {name} kosong dan tidak dipakai."),
    "list-contained-small": (
        "The few people on list {inner} are all on list {outer} too.",
        "Beberapa orang di daftar {inner} semuanya juga ada di daftar {outer}.",
    ),
    "list-never-overlaps": (
        "List {name} shares nobody with the others, so it adds people and no information on the hidden.",
        "Daftar {name} tidak memiliki orang yang sama dengan daftar lain, sehingga menambah orang "
        "tetapi tidak menambah "
        "informasi tentang yang tersembunyi.",
    ),
    "terms-at-minus-infinity": (
        "These overlaps are empty and were fitted as impossible: {terms}.",
        "Irisan ini kosong dan dicocokkan sebagai mustahil: {terms}.",
    ),
    "below-chao": (
        "The estimate lies below Chao's bound of {bound} people; it deserves a question.",
        "Perkiraan berada di bawah batas Chao, yaitu {bound} orang; hal ini patut dipertanyakan.",
    ),
    "lower-bound": (
        "This is a lower bound, not an estimate: it holds when people differ in how easily they are found and lists do "
        "not repel each other.",
        "Ini batas bawah, bukan perkiraan: berlaku bila orang berbeda dalam kemudahan ditemukan dan "
        "daftar tidak saling "
        "menjauhkan.",
    ),
    "estimate-outside-limits": (
        "The estimate itself lies outside these limits: resampled tables lead to other models. Do not use the "
        "estimate.",
        "Perkiraan itu sendiri berada di luar batas ini: tabel hasil pengambilan ulang menghasilkan model lain. Jangan "
        "pakai perkiraan itu.",
    ),
    "bca-undefined": (
        "All resampled estimates lie on one side of the estimate, so the BCa limits do not exist; percentile limits "
        "are shown.",
        "Semua perkiraan ulang berada di satu sisi perkiraan, sehingga batas BCa tidak ada; batas persentil yang "
        "ditampilkan.",
    ),
    "bca-unreliable": (
        "The BCa limits lean on the edge of the resampled estimates ({share_below} of them lie below the estimate) and "
        "are not reliable; look at the percentile limits.",
        "Batas BCa bertumpu pada tepi perkiraan ulang ({share_below} di antaranya di bawah perkiraan) dan tidak andal; "
        "lihat batas persentil.",
    ),
    "jackknife-incomplete": (
        "With some people left out there is no estimate, so the acceleration of BCa is approximate.",
        "Tanpa sebagian orang tidak ada perkiraan, sehingga percepatan BCa hanya kira-kira.",
    ),
    "replicates-without-estimate": (
        "{share} of the resampled tables have no estimate.",
        "{share} tabel hasil penarikan ulang tidak memiliki perkiraan.",
    ),
    "upper-limit-not-bounded": (
        "Too many resampled tables have no estimate, so there is no upper limit.",
        "Terlalu banyak tabel hasil penarikan ulang tanpa perkiraan, sehingga tidak ada batas atas.",
    ),
    "posterior-open-limit": (
        "Large numbers of hidden people remain possible, so there is no upper limit.",
        "Jumlah besar orang tersembunyi tetap mungkin, sehingga tidak ada batas atas.",
    ),
    "mixtures-not-identifiable": (
        "Latent classes cannot be told from the table alone: other classes that fit as well may give other numbers.",
        "Kelas laten tidak dapat dipastikan dari tabel saja: kelas lain yang sama cocoknya dapat memberi angka lain.",
    ),
    "two-lists-only": (
        "Two lists only: the estimate and its limits assume that the lists are independent, which "
        "nothing here can test.",
        "Hanya dua daftar: perkiraan dan batasnya menganggap kedua daftar saling bebas, yang tidak "
        "dapat diuji di sini.",
    ),
    "linkage-pooled": (
        "The limits include the uncertainty of the linkage, from {draws} draws of it.",
        "Batas mencakup ketidakpastian pencocokan, dari {draws} undian.",
    ),
    "conditional": (
        "These limits take one model as given. They leave out that it was chosen, and are too narrow.",
        "Batas ini menganggap satu model sudah pasti. Batas ini mengabaikan bahwa model itu "
        "dipilih, dan terlalu sempit.",
    ),
    # what may be said
    "say-observed": (
        "{observed} people are known: they are on at least one of the lists.",
        "{observed} orang diketahui: mereka ada di sedikitnya satu daftar.",
    ),
    "say-range": (
        "The lists are compatible with about {low} to {high} people in all, known and unknown ({level} limits); about "
        "{hidden_low} to {hidden_high} of them are on no list.",
        "Daftar-daftar ini cocok dengan sekitar {low} sampai {high} orang seluruhnya, yang diketahui dan yang tidak "
        "(batas {level}); sekitar {hidden_low} sampai {hidden_high} di antaranya tidak ada di daftar mana pun.",
    ),
    "say-range-conditional": (
        "If this one model were known to be right, there would be about {low} to {high} people in all, known and "
        "unknown ({level} limits).",
        "Andaikan model yang satu ini diketahui benar, seluruhnya ada sekitar {low} sampai {high} "
        "orang, yang diketahui "
        "dan yang tidak (batas {level}).",
    ),
    "say-at-least": (
        "The lists are compatible with about {low} people in all or more ({level} limit); the table "
        "sets no upper limit.",
        "Daftar-daftar ini cocok dengan sekitar {low} orang seluruhnya atau lebih (batas {level}); tabel tidak memberi "
        "batas atas.",
    ),
    "say-bound": (
        "If people differ only in how easily they are found, there are at least about {low} people in all.",
        "Bila orang hanya berbeda dalam kemudahan ditemukan, seluruhnya ada sedikitnya sekitar {low} orang.",
    ),
    "say-undecided": (
        "The data do not decide between these answers: models that fit about as well give {low} to {high} people.",
        "Data tidak memutuskan di antara jawaban-jawaban ini: model yang hampir sama cocoknya memberi {low} sampai "
        "{high} orang.",
    ),
    "say-none": (
        "How many people are on no list cannot be estimated from this table in this way. That is the result.",
        "Jumlah orang yang tidak ada di daftar mana pun tidak dapat diperkirakan dari tabel ini dengan cara ini. "
        "Itulah hasilnya.",
    ),
    # what may not be said
    "not-alone": (
        "One number without its limits.",
        "Satu angka tanpa batas-batasnya.",
    ),
    "not-count": (
        "That so many people were found, identified or counted.",
        "Bahwa sekian orang telah ditemukan, diidentifikasi, atau dihitung.",
    ),
    "not-zero": (
        "That nobody is hidden, or that few are. No estimate means no knowledge.",
        "Bahwa tidak ada yang tersembunyi, atau hanya sedikit. Tanpa perkiraan berarti tanpa pengetahuan.",
    ),
    "not-years": (
        "That the number rose or fell since another year, unless the difference itself was estimated with its limits.",
        "Bahwa angkanya naik atau turun dibanding tahun lain, kecuali selisihnya sendiri "
        "diperkirakan beserta batasnya.",
    ),
    "not-ranking": (
        "That one agency covers more or works better than another.",
        "Bahwa satu lembaga menjangkau lebih banyak atau bekerja lebih baik daripada yang lain.",
    ),
    "not-chosen": (
        "That the method was the right one because its number fits expectations. Every method tried is listed.",
        "Bahwa metodenya benar karena angkanya sesuai harapan. Setiap metode yang dicoba dicantumkan.",
    ),
    "not-middle": (
        "One of these answers, or their mean, as if the data had chosen it.",
        "Salah satu jawaban ini, atau reratanya, seakan-akan data telah memilihnya.",
    ),
    "not-upper": (
        "Any largest number of people.",
        "Angka terbesar apa pun tentang jumlah orang.",
    ),
    # what sensitivity adds
    "consistency-low": (
        "Tested on people who are known, the method was too low on {lists} of {of} lists by more than a fifth; the "
        "hidden may be more than estimated.",
        "Diuji pada orang yang diketahui, metode ini lebih dari seperlima terlalu rendah pada "
        "{lists} dari {of} daftar; "
        "yang tersembunyi mungkin lebih banyak daripada perkiraan.",
    ),
    "consistency-none": (
        "For {lists} of {of} lists the others give no estimate at all of the people on it.",
        "Untuk {lists} dari {of} daftar, daftar lain sama sekali tidak memberi perkiraan tentang orang di dalamnya.",
    ),
    "list-decides": (
        "Without list {name} the estimate would be {estimate} instead of {base}; this list alone decides much of it.",
        "Tanpa daftar {name} perkiraannya {estimate}, bukan {base}; daftar ini sendiri sangat menentukan.",
    ),
    "spread-not-searched": (
        "With more than six lists not every model that fits about as well can be listed. Join lists and look again.",
        "Dengan lebih dari enam daftar tidak setiap model yang hampir sama cocoknya dapat didaftar. Gabungkan daftar "
        "lalu lihat lagi.",
    ),
    "few-overlaps": (
        "Only {people} people are on two lists or more. All information on the hidden is in them.",
        "Hanya {people} orang ada di dua daftar atau lebih. Semua informasi tentang yang tersembunyi ada pada mereka.",
    ),
    "few-replicates": (
        "So few resampled tables ({replicates}) say little of limits this far out; ask for 1,000 or more.",
        "Tabel hasil penarikan ulang sesedikit ini ({replicates}) tidak cukup untuk batas sejauh ini; mintalah 1.000 "
        "atau lebih.",
    ),
    "small-cells": (
        "Patterns of lists with only one or two people: {cells}. Keep the exact table inside; publish it suppressed "
        "or with noise only.",
        "Pola daftar dengan hanya satu atau dua orang: {cells}. Simpan tabel persisnya di dalam; terbitkan hanya "
        "setelah disembunyikan sebagian atau diberi derau.",
    ),
    # two years
    "years-rose": (
        "From the earlier to the later table the number rose by about {low} to {high} people ({level} limits of the "
        "difference).",
        "Dari tabel yang lebih awal ke yang lebih akhir, angkanya naik sekitar {low} sampai {high} "
        "orang (batas {level} "
        "dari selisihnya).",
    ),
    "years-fell": (
        "From the earlier to the later table the number fell by about {low} to {high} people ({level} limits of the "
        "difference).",
        "Dari tabel yang lebih awal ke yang lebih akhir, angkanya turun sekitar {low} sampai {high} orang (batas "
        "{level} dari selisihnya).",
    ),
    "years-unknown": (
        "It cannot be said whether the number rose or fell.",
        "Tidak dapat dikatakan apakah angkanya naik atau turun.",
    ),
}

_METHODS: Final[Mapping[str, tuple[str, str]]] = {
    "stepwise": ("stepwise choice of the model", "pemilihan model bertahap"),
    "bic": ("best model by BIC", "model terbaik menurut BIC"),
    "aic": ("best model by AIC", "model terbaik menurut AIC"),
    "fixed": ("one model, given", "satu model, ditentukan"),
    "chao": ("Chao's lower bound", "batas bawah Chao"),
    "graphs": ("average over decomposable graphs", "rerata atas graf terurai"),
    "latent-class": ("latent classes", "kelas laten"),
    "thresholding": ("Bayesian thresholding", "penyaringan Bayes"),
    "two-list": ("Chapman, two lists", "Chapman, dua daftar"),
}

_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "percentile": ("percentile, choice of the model repeated", "persentil, pemilihan model diulang"),
    "bca": ("BCa, choice of the model repeated", "BCa, pemilihan model diulang"),
    "calibrated": ("calibrated, choice of the model repeated", "terkalibrasi, pemilihan model diulang"),
    "percentile-one-model": ("percentile, conditional on one model", "persentil, dengan satu model"),
    "bca-one-model": ("BCa, conditional on one model", "BCa, dengan satu model"),
    "calibrated-one-model": ("calibrated, conditional on one model", "terkalibrasi, dengan satu model"),
    "credible-one-model": ("credible, conditional on one model", "kredibel, dengan satu model"),
    "log-normal-one-model": ("log-normal, conditional on one model", "log-normal, dengan satu model"),
    "credible": ("credible", "kredibel"),
    "log-normal": ("log-normal", "log-normal"),
    "log-normal-conditional": ("log-normal, conditional on one model", "log-normal, dengan satu model"),
    "profile-conditional": ("profile, conditional on one model", "profil, dengan satu model"),
    "linkage-mixture": ("mixture over linkage draws", "campuran atas undian pencocokan"),
    "rubin": ("combined variances (Rubin)", "gabungan varians (Rubin)"),
    "none": ("none", "tidak ada"),
    "ok": ("estimate", "ada perkiraan"),
    "no-estimate": ("no estimate", "tidak ada perkiraan"),
    "not-identifiable": ("not identifiable", "tidak teridentifikasi"),
    "refused": ("refused", "ditolak"),
}


def method_name(method: str, language: Language) -> str:
    """A method in words."""
    return _pick(_METHODS.get(method, (method, method)), language)


def word(code: str, language: Language) -> str:
    """A status or a kind of interval in words."""
    return _pick(_WORDS.get(code, (code, code)), language)


def interval_name(interval: str, language: Language, *, one_model: bool) -> str:
    """A kind of interval in words; that of a model taken as given never says that a choice was repeated."""
    taken = f"{interval}-one-model"
    return word(taken if one_model and taken in _WORDS else interval, language)


def say(reason: Reason, language: Language) -> str:
    """
    The sentence of a reason.

    Args:
        reason: Code and parameters.
        language: `en` or `id`.

    Returns:
        str: a whole sentence; for a code that is not known, the code with its parameters.

    >>> say(Reason("below-chao", {"bound": 12299}), "id")
    'Perkiraan berada di bawah batas Chao, yaitu 12.000 orang; hal ini patut dipertanyakan.'
    """
    sentence = SENTENCES.get(reason.code)
    if sentence is None and reason.code in MESSAGES:
        return " ".join(PrevalenceError(reason.code, reason.params).say(language))
    if sentence is None:
        return " ".join([reason.code, *(f"{name}={value}" for name, value in reason.params.items())])
    written = {name: _written(name, value, language) for name, value in reason.params.items()}
    return _pick(sentence, language).format(**written)


def _pick(both: tuple[str, str], language: Language) -> str:
    return both[1] if language == "id" else both[0]


def _written(name: str, value: str | int | float, language: Language) -> str:
    if isinstance(value, str):
        return value
    if name in ("share", "share_below", "level"):
        return percent(float(value), language)
    if name in ("r_hat", "limit"):
        text = f"{value:.3g}" if name == "limit" else f"{value:.3f}"
        return text.replace(".", ",") if language == "id" else text
    if name == "bound":
        return rounded(float(value), language)
    return number(float(value), language)


def number(value: float, language: Language) -> str:
    """
    A whole number with marks for thousands.

    >>> number(11312.99, "en"), number(11312.99, "id")
    ('11,313', '11.313')
    """
    text = f"{round(value):,}"
    return text.replace(",", ".") if language == "id" else text


def percent(share: float, language: Language) -> str:
    """
    A share as a percentage, with one decimal where it is not whole.

    >>> percent(0.95, "en"), percent(0.125, "id")
    ('95%', '12,5%')
    """
    text = f"{100 * share:.1f}".removesuffix(".0") + "%"
    return text.replace(".", ",") if language == "id" else text


def two_figures(value: float) -> int:
    """
    Round to two significant figures, as results are told.

    >>> two_figures(11312.99), two_figures(157.2), two_figures(7)
    (11000, 160, 7)
    """
    whole = round(value)
    return round(whole, 2 - len(str(abs(whole))))


def rounded(value: float, language: Language) -> str:
    """Two significant figures with marks for thousands."""
    return number(two_figures(value), language)
