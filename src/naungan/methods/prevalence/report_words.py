"""The headings and labels of reports, in English and Indonesian."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from naungan.methods.prevalence.words import Language

__all__ = ["LABELS", "label"]

LABELS: Final[Mapping[str, tuple[str, str]]] = {
    "title": ("How many are never seen", "Berapa yang tidak pernah terlihat"),
    "result": ("The result", "Hasil"),
    "known": ("known, on some list", "diketahui, ada di daftar"),
    "hidden": ("hidden, on no list (estimated)", "tersembunyi, di luar daftar (perkiraan)"),
    "total": ("in all (estimated, {level} limits)", "seluruhnya (perkiraan, batas {level})"),
    "no-estimate": ("no estimate", "tidak ada perkiraan"),
    "at-least": ("{low} or more", "{low} atau lebih"),
    "between": ("{low} to {high}", "{low} sampai {high}"),
    "no-limits": ("no limits", "tanpa batas-batas"),
    "no-bound": ("no bound", "tanpa batas"),
    "may-say": ("What may be said", "Yang boleh dikatakan"),
    "may-not-say": ("What may not be said", "Yang tidak boleh dikatakan"),
    "know": ("What to know", "Yang perlu diketahui"),
    "questions": ("What only people can answer", "Yang hanya dapat dijawab orang"),
    "questions-note": (
        "The estimate is right only as far as the answers are yes. No table can answer them.",
        "Perkiraan ini benar hanya sejauh jawabannya ya. Tidak ada tabel yang dapat menjawabnya.",
    ),
    "question": ("Question", "Pertanyaan"),
    "answer": ("Answer", "Jawaban"),
    "unanswered": ("unanswered", "belum dijawab"),
    "rate": (
        "Per 100,000: {detected} detected; {low} to {high} in all. Denominator: {population} {of}, {year}.",
        "Per 100.000: {detected} terdeteksi; {low} sampai {high} seluruhnya. Penyebut: {population} {of}, {year}.",
    ),
    "numbers": ("The numbers", "Angka-angka"),
    "exact": (
        "Exact values, for comparison with other programs; say two figures",
        "Nilai persis, untuk dibandingkan dengan program lain; sebutkan dua angka penting",
    ),
    "kind": ("Limits", "Batas"),
    "level": ("Level", "Tingkat"),
    "low": ("Lower", "Bawah"),
    "high": ("Upper", "Atas"),
    "estimate": ("Estimate", "Perkiraan"),
    "bootstrap": ("The resampled tables", "Tabel penarikan ulang"),
    "replicates": ("Resampled tables", "Banyaknya tabel"),
    "without": ("Without an estimate", "Tanpa perkiraan"),
    "below": ("Below the estimate", "Di bawah perkiraan"),
    "median": ("Median", "Median"),
    "levels": ("Limits of {level} read at", "Batas {level} dibaca pada"),
    "read-at": ("{low} and {high}", "{low} dan {high}"),
    "independence": ("independence", "saling bebas"),
    "models": ("Other models, other lists", "Model lain, daftar lain"),
    "repeated": (
        "Repeated for each part of the table: {method}.",
        "Diulang untuk setiap bagian tabel: {method}.",
    ),
    "spread-note": (
        "The spread of models is on the first page. The charts here ask what single lists decide.",
        "Sebaran model ada di halaman pertama. Bagan di sini menanyakan apa yang ditentukan setiap daftar.",
    ),
    "chao": ("Chao's lower bounds, people in all", "Batas bawah Chao, orang seluruhnya"),
    "chao_bias_corrected": ("lists of equal size, bias-corrected", "daftar sama besar, koreksi bias"),
    "chao_mh": ("lists of equal size (Mh)", "daftar sama besar (Mh)"),
    "chao_mth": ("lists of different size (Mth)", "daftar berbeda besar (Mth)"),
    "priors": (
        "Average over decomposable graphs, by prior count per cell",
        "Rerata atas graf terurai, menurut jumlah awal per sel",
    ),
    "assumptions": ("Assumptions", "Asumsi"),
    "correction": ("Put right for known linkage errors", "Dikoreksi untuk kesalahan pencocokan yang diketahui"),
    "raw": ("As observed", "Seperti teramati"),
    "corrected": ("Corrected", "Dikoreksi"),
    "strata": ("By group", "Menurut kelompok"),
    "stratum": ("Group", "Kelompok"),
    "sum": ("Sum of groups", "Jumlah kelompok"),
    "no-sum": ("no sum: a group fails", "tanpa jumlah: ada kelompok gagal"),
    "pooled": ("All together", "Semua bersama"),
    "settings": ("So that another office gets the same digits", "Agar kantor lain mendapat angka yang sama"),
    "settings-note": (
        "Method, version, seed, fingerprint of the table and every setting.",
        "Metode, versi, benih, sidik tabel, dan setiap pengaturan.",
    ),
    "method": ("Method", "Metode"),
    "status": ("Status", "Status"),
    "model": ("Model (largest terms)", "Model (suku terbesar)"),
    "seed": ("Seed", "Benih"),
    "seed-tried": ("Seed of the checks", "Benih pemeriksaan"),
    "version": ("Version of Naungan", "Versi Naungan"),
    "hash": ("Fingerprint of the table (SHA-256)", "Sidik tabel (SHA-256)"),
    "made-by": ("Made with Naungan {version} on {day}", "Dibuat dengan Naungan {version} pada {day}"),
    "table": ("The numbers of this chart", "Angka bagan ini"),
    "page": ("Page", "Halaman"),
    "contents": ("Contents", "Isi"),
    "month-1": ("January", "Januari"),
    "month-2": ("February", "Februari"),
    "month-3": ("March", "Maret"),
    "month-4": ("April", "April"),
    "month-5": ("May", "Mei"),
    "month-6": ("June", "Juni"),
    "month-7": ("July", "Juli"),
    "month-8": ("August", "Agustus"),
    "month-9": ("September", "September"),
    "month-10": ("October", "Oktober"),
    "month-11": ("November", "November"),
    "month-12": ("December", "Desember"),
}


def label(name: str, language: Language) -> str:
    """A heading or label of a report; unknown names stand as they are."""
    both = LABELS.get(name, (name, name))
    return both[1] if language == "id" else both[0]
