"""What the package refuses: one error class, with a code and whole sentences in English and Indonesian."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["MESSAGES", "PrevalenceError"]

Param = str | int | float

# code: (what is wrong, what to do) in English, then in Indonesian. No sentence holds a count of the table.
MESSAGES: Mapping[str, tuple[str, str, str, str]] = {
    "table-empty": (
        "The table has no rows of people.",
        "Give a header row and one row for each pattern of lists that somebody was on.",
        "Tabel tidak memuat baris orang.",
        "Beri baris judul dan satu baris untuk setiap pola daftar.",
    ),
    "table-unreadable": (
        "The file cannot be read as text (UTF-8).",
        "Save the table as CSV in UTF-8.",
        "Berkas tidak dapat dibaca sebagai teks (UTF-8).",
        "Simpan tabel sebagai CSV dengan UTF-8.",
    ),
    "no-count-column": (
        "The last column must be named `count` (or `jumlah`); it is named otherwise.",
        "Name the lists in the header row and call the last column `count`.",
        "Kolom terakhir harus bernama `count` (atau `jumlah`).",
        "Tulis nama daftar di baris judul dan beri nama `jumlah` pada kolom terakhir.",
    ),
    "one-list": (
        "The table has one list; people seen by nobody can be estimated only from lists that overlap.",
        "Give at least two lists, better three.",
        "Tabel hanya memuat satu daftar; orang yang tidak terlihat hanya dapat diperkirakan dari beberapa daftar.",
        "Beri sedikitnya dua daftar, lebih baik tiga.",
    ),
    "too-many-lists": (
        "The table has {lists} lists; at most {limit} can be estimated together.",
        "Join lists of the same kind of agency, or leave out the smallest.",
        "Tabel memuat {lists} daftar; paling banyak {limit} daftar dapat diperkirakan bersama.",
        "Gabungkan daftar dari lembaga sejenis, atau tinggalkan yang terkecil.",
    ),
    "list-name": (
        "Column {column} has no name, or a name with one of : , ; or a character that cannot be printed in it.",
        "Give each list a name of its own without these.",
        "Kolom {column} tidak bernama, atau namanya memuat tanda : , ; atau karakter yang tidak dapat dicetak.",
        "Beri setiap daftar nama sendiri tanpa itu.",
    ),
    "list-twice": (
        "Two columns have the name {name}.",
        "Give each list a name of its own.",
        "Dua kolom bernama {name}.",
        "Beri setiap daftar nama sendiri.",
    ),
    "row-length": (
        "Row {row} does not have as many cells as the header.",
        "Give each row one cell a list and the count.",
        "Jumlah sel di baris {row} tidak sama dengan baris judul.",
        "Beri setiap baris satu sel per daftar dan jumlahnya.",
    ),
    "pattern-cell": (
        "Row {row}, list {name}: only 0 (not on the list) and 1 (on the list) can stand here.",
        "Write 0 or 1.",
        "Baris {row}, daftar {name}: hanya 0 (tidak di daftar) atau 1 (di daftar).",
        "Tulis 0 atau 1.",
    ),
    "pattern-twice": (
        "Row {row} has the same pattern of lists as row {other}.",
        "Give each pattern once, with the sum of its people.",
        "Baris {row} memuat pola daftar yang sama dengan baris {other}.",
        "Tulis setiap pola sekali saja, dengan jumlah orangnya.",
    ),
    "nobody-pattern": (
        "Row {row} counts people who are on no list; these are what is to be estimated.",
        "Leave that row out.",
        "Baris {row} menghitung orang yang tidak ada di daftar mana pun; merekalah yang hendak diperkirakan.",
        "Hapus baris itu.",
    ),
    "count-missing": (
        "Row {row} has no count.",
        "Write how many people have this pattern, 0 if none.",
        "Baris {row} tidak memuat jumlah.",
        "Tulis berapa orang dengan pola ini, 0 bila tidak ada.",
    ),
    "count-not-whole": (
        "Row {row}: the count is not a whole number written in digits.",
        "Write a whole number, without marks for thousands or decimals.",
        "Baris {row}: jumlah bukan bilangan bulat.",
        "Tulis bilangan bulat tanpa tanda ribuan atau desimal.",
    ),
    "count-negative": (
        "Row {row}: the count is negative.",
        "Write a whole number of at least 0.",
        "Baris {row}: jumlahnya negatif.",
        "Tulis bilangan bulat paling kecil 0.",
    ),
    "count-too-large": (
        "The table counts more than {limit} people; no list of victims is so long.",
        "Check the counts; write them without decimals or marks for thousands.",
        "Tabel menghitung lebih dari {limit} orang; tidak ada daftar korban sepanjang itu.",
        "Periksa jumlahnya; tulis tanpa desimal atau tanda ribuan.",
    ),
    "no-people": (
        "Every count of the table is 0.",
        "Check that the right column is named `count`.",
        "Semua jumlah di tabel adalah 0.",
        "Periksa apakah kolom yang benar bernama `jumlah`.",
    ),
    "no-overlap": (
        "Nobody is on two lists, so the table says nothing about people on no list.",
        "Check that the same people were matched across the lists; without overlap there is no estimate.",
        "Tidak ada orang di dua daftar, sehingga tabel tidak memberi tahu apa pun tentang orang di luar daftar.",
        "Periksa pencocokan orang antardaftar; tanpa irisan tidak ada perkiraan.",
    ),
    "list-contained": (
        "Everybody on list {inner} is also on list {outer}, so {inner} is no source of its own.",
        "Join the two lists, or leave {inner} out.",
        "Semua orang di daftar {inner} juga ada di daftar {outer}, sehingga {inner} bukan sumber tersendiri.",
        "Gabungkan kedua daftar, atau tinggalkan {inner}.",
    ),
    "column-missing": (
        "There is no column named {name}.",
        "Check the header row.",
        "Tidak ada kolom bernama {name}.",
        "Periksa baris judul.",
    ),
    "record-blank": (
        "Row {row} has no {name}.",
        "Give each record its list and the number of its person.",
        "Baris {row} tidak memuat {name}.",
        "Beri setiap catatan daftar dan nomor orangnya.",
    ),
    "record-twice": (
        "Row {row}: this person is on list {name} twice.",
        "Remove duplicates within each list first.",
        "Baris {row}: orang ini dua kali tercatat di daftar {name}.",
        "Hapus catatan ganda di dalam setiap daftar lebih dahulu.",
    ),
    "draws-differ": (
        "The linkage draws do not hold the same lists.",
        "Make every draw from the same records.",
        "Undian pencocokan tidak memuat daftar yang sama.",
        "Buat semua undian dari catatan yang sama.",
    ),
    "term-unknown": (
        "The term {term} names a list that the table does not have.",
        "Write terms as list names joined by `:`; the lists are those of the header row.",
        "Suku {term} menyebut daftar yang tidak ada di tabel.",
        "Tulis suku sebagai nama daftar yang disambung `:`.",
    ),
    "term-too-short": (
        "The term {term} names fewer than two different lists.",
        "Every list is in the model already; name two or more lists, joined by `:`.",
        "Suku {term} menyebut kurang dari dua daftar.",
        "Setiap daftar sudah ada dalam model; sebut dua daftar atau lebih, disambung `:`.",
    ),
    "term-all-lists": (
        "The term {term} joins all lists; that one can never be estimated.",
        "Leave it out.",
        "Suku {term} menyambung semua daftar; suku itu tidak pernah dapat diperkirakan.",
        "Hapus suku itu.",
    ),
    "terms-not-fixed": (
        "The method {method} chooses its terms itself.",
        "Leave out the terms, or use the method fixed.",
        "Metode {method} memilih sukunya sendiri.",
        "Hapus suku-suku itu, atau pakai metode fixed.",
    ),
    "method-unknown": (
        "There is no method named {method}.",
        "Use one of: {known}.",
        "Tidak ada metode bernama {method}.",
        "Pakai salah satu dari: {known}.",
    ),
    "option-range": (
        "{option} must be {rule}.",
        "Give another value.",
        "{option} harus {rule}.",
        "Beri nilai lain.",
    ),
    "option-unused": (
        "--{option} was not read: the method {method} has no use for it, it goes with {methods}.",
        "Leave it out, or choose one of these methods.",
        "--{option} tidak dibaca: metode {method} tidak memakainya, opsi itu untuk {methods}.",
        "Hapus opsi itu, atau pilih salah satu metode tersebut.",
    ),
    "list-name-long": (
        "Column {column}: the name of a list may have at most {limit} characters.",
        "Shorten it.",
        "Kolom {column}: nama daftar paling banyak {limit} huruf.",
        "Persingkat nama itu.",
    ),
    "quote-open": (
        "Row {row}: a quotation mark is opened and not closed, or text follows a closed one.",
        "Close it, or remove the quotation marks.",
        "Baris {row}: tanda kutip dibuka tetapi tidak ditutup, atau ada teks sesudah tanda kutip penutup.",
        "Tutup tanda kutip itu, atau hapus tanda kutipnya.",
    ),
    "cell-too-long": (
        "Row {row}: a cell has more than 100,000 letters.",
        "Check the file: it may not be a table of patterns and counts.",
        "Baris {row}: ada sel yang lebih dari 100.000 huruf.",
        "Periksa berkasnya: mungkin bukan tabel pola dan jumlah.",
    ),
    "search-too-large": (
        "The exact search takes at most {limit} lists with terms of this order.",
        "Use --max-order 2, join lists, or use the method stepwise.",
        "Pencarian tepat menerima paling banyak {limit} daftar untuk tingkat suku ini.",
        "Pakai --max-order 2, gabungkan daftar, atau pakai metode stepwise.",
    ),
    "search-too-long": (
        "More than {limit} models of this table had to be fitted, and the exact search was still not done: too many "
        "are about as good.",
        "Join lists, leave out lists with few people, or use the method stepwise.",
        "Lebih dari {limit} model tabel ini harus dihitung, dan pencarian tepat belum selesai: terlalu banyak yang "
        "sama baiknya.",
        "Gabungkan daftar, tinggalkan daftar yang sedikit orangnya, atau pakai metode stepwise.",
    ),
    "report-folder": (
        "The folder of the report does not exist.",
        "Make it first, or name another with --report.",
        "Folder laporan tidak ada.",
        "Buat folder itu lebih dahulu, atau sebut folder lain dengan --report.",
    ),
    "method-lists": (
        "The method {method} takes {rule} lists.",
        "Choose another method.",
        "Metode {method} menerima {rule} daftar.",
        "Pilih metode lain.",
    ),
}


class PrevalenceError(ValueError):
    """
    Something that is refused, with the rule and the fix in words; never a value of the table.

    Attributes:
        code: A key of `MESSAGES`.
        field: The column, option or list concerned, if one is.
        params: What fills the sentences.
    """

    def __init__(self, code: str, params: Mapping[str, Param] | None = None, *, field: str | None = None) -> None:
        self.code = code
        self.field = field
        self.params: Mapping[str, Param] = dict(params or {})
        super().__init__(f"{self.message} {self.fix}")

    def __reduce__(self) -> tuple[type[PrevalenceError], tuple[str, Mapping[str, Param]]]:
        return type(self), (self.code, self.params)

    @property
    def message(self) -> str:
        """What is wrong, in English."""
        return self.say("en")[0]

    @property
    def fix(self) -> str:
        """What to do, in English."""
        return self.say("en")[1]

    def say(self, language: str) -> tuple[str, str]:
        """
        The two sentences, what is wrong and what to do, in `en` or `id`.

        Args:
            language: `en` or `id`.

        Returns:
            tuple: (what is wrong, what to do).
        """
        words = MESSAGES[self.code]
        chosen = words[2:] if language == "id" else words[:2]
        marks = str.maketrans(",", "." if language == "id" else ",")
        filled = {
            name: f"{value:,}".translate(marks) if isinstance(value, int) and name == "limit" else value
            for name, value in self.params.items()
        }
        return chosen[0].format(**filled), chosen[1].format(**filled)
