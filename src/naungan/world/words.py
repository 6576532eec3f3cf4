"""What workers write: invented notes in plain, respectful Indonesian. No note is about a real person."""

# ruff: noqa: E501 - a sentence stays whole

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

__all__ = ["comment", "event_account", "notes", "objectives", "plan_steps", "referral_reason", "vulnerability"]

_INTAKE = (
    "Diterima lewat {door}. Kondisi tenang, minta ditemani petugas perempuan. Kontak aman: {contact}.",
    "Datang bersama {with_whom}. Lelah, tetapi bersedia bercerita sedikit. Wawancara lanjutan dijadwalkan.",
    "Laporan awal dari {door}. Hak atas bantuan dan kerahasiaan dijelaskan dalam {tongue}.",
    "Pertemuan pertama di tempat yang dipilih sendiri. Belum ingin membahas {topic}; keinginannya dihormati.",
    "Tiba dari {place}. Kebutuhan mendesak: {need}. Telah diberi makanan, pakaian, dan waktu istirahat.",
    "Penapisan awal selesai. Ada tanda-tanda {sign}; perlu waktu pemulihan sebelum keputusan apa pun.",
)
_FOLLOW = (
    "Pendampingan ke {service}. Berjalan baik; kontrol berikutnya {when}.",
    "Percakapan telepon ke kontak aman. Keadaan di rumah baik, mulai {activity}.",
    "Rapat kasus: langkah berikut disepakati bersama, yaitu {need} dan {service}.",
    "Keluarga dihubungi dengan izin. {family}",
    "Menyampaikan keinginan untuk {wish}. Dicatat sebagai tujuan rencana dukungan.",
    "Kunjungan rumah. {home} Penilaian risiko diperbarui.",
    "Tidak hadir pada pertemuan hari ini; dihubungi kembali {when} lewat kontak aman.",
    "Dokumen diurus di kantor setempat; {document} diperkirakan selesai {when}.",
    "Konseling ke-{count}. Tidur membaik, masih cemas saat mendengar {trigger}.",
    "Upah yang belum dibayar dihitung bersama; permohonan restitusi dipertimbangkan, keputusan ada pada yang bersangkutan.",
)
_SLOTS: Mapping[str, Sequence[str]] = {
    "door": ("layanan pengaduan telepon", "perangkat desa", "petugas pelabuhan", "perwakilan di luar negeri", "pekerja sosial",
             "polisi", "tetangga yang peduli", "organisasi mitra"),
    "contact": ("kakak perempuan", "bidan desa", "guru", "tidak ada, hubungi lewat petugas", "sepupu", "pengurus kampung"),
    "with_whom": ("seorang teman", "petugas sosial", "adiknya", "relawan desa", "pengurus kampung"),
    "tongue": ("bahasa Indonesia", "bahasa ibunya", "bahasa yang dipahaminya dengan juru bahasa"),
    "topic": ("perjalanan pulang", "majikan", "keluarga", "utang", "agen"),
    "place": ("pelabuhan penyeberangan", "bandara", "penampungan sementara", "kota asal", "kapal"),
    "need": ("pemeriksaan kesehatan", "tempat tinggal yang aman", "pengurusan dokumen", "konseling", "biaya pulang",
             "bantuan hukum", "pelatihan kerja", "kabar untuk keluarga"),
    "sign": ("penahanan dokumen", "jeratan utang", "pembatasan gerak", "upah tidak dibayar", "janji palsu", "kerja berlebihan"),
    "service": ("puskesmas", "psikolog", "lembaga bantuan hukum", "dinas kependudukan", "balai latihan", "sekolah paket"),
    "when": ("pekan depan", "dua pekan lagi", "bulan depan", "setelah hari raya", "hari Senin"),
    "activity": ("berjualan di rumah", "ikut kelompok menjahit", "kembali bersekolah", "membantu di kebun", "kursus memasak"),
    "family": ("Ibu siap menerima kembali dan senang mendapat kabar.", "Kakak bersedia menjadi pendamping.",
               "Hubungan belum pulih; mediasi ditawarkan bila diinginkan.", "Keluarga meminta penjelasan tentang hak korban."),
    "wish": ("membuka warung kecil", "melanjutkan sekolah", "belajar menjahit", "bekerja dekat rumah", "tinggal dulu di rumah aman"),
    "home": ("Lingkungan tenang.", "Tetangga menerima dengan baik.", "Ada yang bertanya-tanya; strategi aman dibahas.",
             "Rumah sedang diperbaiki dengan bantuan desa."),
    "document": ("kartu keluarga", "KTP", "surat perjalanan", "kartu jaminan kesehatan", "akta kelahiran"),
    "count": ("dua", "tiga", "empat", "lima", "enam"),
    "trigger": ("ketukan pintu", "telepon dari nomor asing", "suara keras", "kata agen"),
}  # fmt: skip
_ACCOUNTS: Mapping[str, Sequence[str]] = {
    "work": (
        "Dijanjikan pekerjaan dengan upah tetap; setelah tiba dokumen diambil dan upah dipotong untuk biaya yang tidak pernah disepakati.",
        "Berangkat lewat perantara tanpa kontrak. Bekerja setiap hari tanpa libur dan tidak boleh keluar sendiri.",
        "Upah beberapa bulan tidak dibayar. Pulang dengan bantuan sesama pekerja dan perwakilan.",
    ),
    "crew": (
        "Direkrut sebagai awak kapal; kontrak diganti di pelabuhan. Bekerja berbulan-bulan di laut tanpa kabar kepada keluarga.",
        "Paspor dipegang nakhoda. Turun ketika kapal berlabuh dan meminta pertolongan petugas pelabuhan.",
    ),
    "sexual": (
        "Ditawari pekerjaan di rumah makan oleh seorang kenalan. Pekerjaan yang diberikan lain dan tidak dapat ditolak.",
        "Dibawa ke kota lain dengan janji pekerjaan. Tidak diberi pilihan dan tidak menerima upah.",
    ),
    "child": (
        "Diajak bekerja oleh kenalan keluarga. Tidak bersekolah selama itu; penghasilan diambil orang lain.",
        "Ditemukan petugas lapangan. Asesmen kepentingan terbaik anak dilakukan bersama pekerja sosial.",
    ),
}
_OBJECTIVES = (
    "Merasa aman, sehat, dan dapat memutuskan sendiri langkah berikutnya.",
    "Kembali bersekolah dan tinggal bersama keluarga yang mendukung.",
    "Mempunyai penghasilan yang layak dekat rumah.",
    "Memperoleh hak atas upah dan ganti rugi bila menghendakinya.",
    "Dokumen kependudukan dan jaminan kesehatan lengkap.",
)
_STEPS = (
    "Konseling dua pekan sekali; pemeriksaan kesehatan; kunjungan rumah tiap bulan.",
    "Pengurusan dokumen bersama petugas desa; pendaftaran jaminan kesehatan.",
    "Pelatihan tiga bulan, lalu bantuan alat kerja; pendampingan usaha enam bulan.",
    "Pertemuan dengan bantuan hukum; penjelasan tentang restitusi; keputusan pada yang bersangkutan.",
)
_REFERRALS = (
    "Memerlukan tempat tinggal aman dan pendampingan lanjutan.",
    "Pindah ke daerah asal; dukungan dilanjutkan di sana.",
    "Memerlukan pemeriksaan kesehatan dan konseling.",
)
_VULNERABILITIES = (
    "Penghasilan keluarga tidak menentu; tanggungan adik yang masih sekolah.",
    "Baru pertama kali bepergian jauh; informasi tentang migrasi aman terbatas.",
    "Pernah berhenti sekolah; tinggal bersama kerabat.",
)
_COMMENTS = (
    "Mohon hubungi hanya lewat kontak aman.", "Menunggu balasan mitra.", "Setuju dihubungi lagi enam bulan setelah penutupan.",
    "Ukuran pakaian dan kebutuhan makanan khusus dicatat di rumah aman.", "Jadwal sidang belum ada.",
)  # fmt: skip


def notes(random: Random, count: int) -> list[str]:
    """An intake note and what followed it."""
    return [_filled(random, _one(random, _INTAKE if place == 0 else _FOLLOW)) for place in range(count)]


def event_account(random: Random, form: str) -> str:
    """What happened, in a few plain words."""
    return _one(random, _ACCOUNTS[form])


def objectives(random: Random) -> str:
    """What a support plan is for."""
    return _one(random, _OBJECTIVES)


def plan_steps(random: Random) -> str:
    """How a support plan goes on."""
    return _one(random, _STEPS)


def referral_reason(random: Random) -> str:
    """Why another organisation is asked."""
    return _one(random, _REFERRALS)


def vulnerability(random: Random) -> str:
    """What made somebody easier to deceive."""
    return _one(random, _VULNERABILITIES)


def comment(random: Random) -> str:
    """A short remark on a case."""
    return _one(random, _COMMENTS)


def _one(random: Random, texts: Sequence[str]) -> str:
    return texts[int(random.random() * len(texts))]


def _filled(random: Random, sentence: str) -> str:
    found = {name: _one(random, words) for name, words in _SLOTS.items() if "{" + name + "}" in sentence}
    return sentence.format_map(found)
