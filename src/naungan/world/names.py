"""Invented Indonesian names by region: single names, made names, clans, honorifics, two spellings, slips of the pen."""

# ruff: noqa: E501 - a list of names stays whole

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

__all__ = ["Name", "draw_name", "misspelt"]


@dataclass(frozen=True, slots=True)
class Name:
    """What somebody is called: an optional form of address and one or more words."""

    words: tuple[str, ...]
    salutation: str = ""

    @property
    def first(self) -> str:
        return self.words[0]

    @property
    def middle(self) -> str:
        return " ".join(self.words[1:-1]) if len(self.words) > 2 else ""

    @property
    def last(self) -> str:
        return self.words[-1] if len(self.words) > 1 else ""


@dataclass(frozen=True, slots=True)
class _Made:
    """Names that parents put together of a beginning and an ending: thousands, each borne by few."""

    beginnings: Sequence[str]
    endings: Sequence[str]

    def draw(self, random: Random) -> str:
        """Every beginning goes with every ending; two vowels at the seam, or the same letter twice, become one."""
        beginning, ending = _pick(random, self.beginnings), _pick(random, self.endings)
        seam = beginning[-1].lower() + ending[0]
        is_double = seam[0] == seam[1] or set(seam) <= set("aeiou")
        return beginning + (ending[1:] if is_double else ending)


@dataclass(frozen=True, slots=True)
class _Custom:
    """
    How names are made in a region: first words and last words by sex, and how often one word is all.

    `made` says of what first words of women and men are put together, and `is_made` how often.
    """

    women: Sequence[str]
    men: Sequence[str]
    last_women: Sequence[str]
    last_men: Sequence[str]
    single: float = 0.0
    before_women: Sequence[str] = ()
    before_men: Sequence[str] = ()
    before: float = 0.0
    made: tuple[_Made, _Made] | None = None
    is_made: float = 0.0


def _w(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_OF_JAVA_WOMEN = _Made(
    _w(
        "Su Nga Ka War Tu Par Sar Mar Sul Wi Ru Pon Wag Leg Sum Kus Mur Mul Suk Har Tar Sam Giy Suw Rat Dar Kart Sup "
        "Last Yat Tun Sug Rum Jum Muj Saw Suy Ngad Kem Puj"
    ),
    _w(
        "iyem inah arti iati inem arsih ini arni asih iyati ilah ianti aningsih inten irah iyah astri arinah omah umi "
        "anti ati asmi ijah ikem"
    ),
)
_OF_JAVA_MEN = _Made(
    _w(
        "Su Nga Ka War Tu Par Sar Mar Wi Ru Pon Wag Leg Sum Kus Mul Suk Har Tar Sam Giy Suw Dar Kart Sup Yat Sug Jum "
        "Muj Saw Suy Ngad Tri Wir Dir Joy Purw Sast Tukh Rej"
    ),
    _w(
        "iman anto adi iyono arno ijan arto isno atno iran ito okromo odi imin ianto amin osumo onadi aryo iyat udi "
        "apan idi oyo unar"
    ),
)
# Names of Arabic origin, put together everywhere in the islands.
_OF_FAITH_WOMEN = _Made(
    _w("Nur Siti Rah Mas Has Zul Al Um Kha Fa Sa Ma Hal Rus Sal Ju Naf Az Lai Mu Ros Sya Kar Zah Ham"),
    _w(
        "laila azizah haliza aini hidayah jannah asiah hayati sidah mawati riyah fitri niah wahida halimah limah maida "
        "dina rifah tun zanah diyah mila biah saroh riani lina faida munah wardah"
    ),
)
_OF_FAITH_MEN = _Made(
    _w(
        "Nur Abdul Saif Syam Zain Kamar Bahar Jamal Hasan Fahr Muh Asy Ihs Lukm Ris Sal Has Rahm Imr Mus Ham Ma Faz Rid"
    ),
    _w(
        "uddin rahman ullah hakim ari azis wan hadi yadi aman ahim karim anul alim ali iwan imin fudin anto ani usuf "
        "anudin arif latif majid"
    ),
)
_OF_SUNDA_WOMEN = _Made(
    _w("E I Ti Ro Ne Ni Ci Nu A O Ai Wi Ya Le Me Sa De Ju Ka Ku En Im Ok Su Um Na Tu Ma Ela Ri"),
    _w("ti nih mas lis kah neng tin yah nih sih nah nur ros yati rani lah mayati sumi tati kasih"),
)
_OF_SUNDA_MEN = _Made(
    _w("A U Ta Da En O De Ma Ja Ka Su Wa Na Co E Sar Ade Cu Ko Ru Tar Yay Oh Ap Ded"),
    _w("sep jang tang dang cep man wan ip yat mat en din kos san tis ya hi lih naya mara"),
)
_JAVA = _Custom(
    women=_w(
        "Sumiati Wagiyem Ngatini Suparmi Sri Siti Tumini Partini Wahyuni Lestari Rahayu Endang Retno Yanti Sulastri "
        "Murni Kartinem Sutini Paini Rusmini Dwi Tri Eka Ratna Indah Wulan Nur Fitri Ayu Rini Marsinem Jumiatun "
        "Sukinah Warsiti Mujiati Lasmini Poniyem Giyarti Sarinah Kasiyem Tuminah Winarsih Suharti Kusmiati"
    ),
    men=_w(
        "Suparman Sugeng Wagimin Bambang Agus Joko Slamet Sutrisno Paijo Tukiman Wahyu Dwi Tri Eko Hari Budi Dedi "
        "Rudi Suyono Widodo Tarno Ngadiman Sarjono Mulyono Parto Sukarno Kuswanto Purwanto Rahmat Sunarto Jumadi "
        "Sudarmo Kasman Legiman Poniman Rustam Giyanto Samidi Warsito Tugiman Mujiono Lasimin"
    ),
    last_women=_w(
        "Aminah Wahyuni Lestari Rahayu Handayani Astuti Purwanti Ningsih Wulandari Sulistyowati Kusumawati Hidayati "
        "Setyaningsih Pratiwi Utami Mulyani Rohmah Khasanah Mardiyah Susanti Widiastuti Puspitasari Anggraini"
    ),
    last_men=_w(
        "Santoso Wibowo Prasetyo Nugroho Setiawan Hidayat Susilo Kurniawan Saputro Purnomo Wijayanto Haryanto Raharjo "
        "Utomo Sulistyo Basuki Hartono Mustofa Firmansyah Sasongko Pamungkas Triyono Budiarto"
    ),
    single=0.34,
    before_women=_w("Rr."),
    before_men=_w("R."),
    before=0.01,
    made=(_OF_JAVA_WOMEN, _OF_JAVA_MEN),
    is_made=0.6,
)
_SUNDA = _Custom(
    women=_w(
        "Euis Iis Neng Nyai Imas Eneng Yuyun Ai Teti Cucu Enok Lilis Popon Wiwin Yeyen Tati Entin Ikah Nani Eti "
        "Rokayah Siti Mimin Dedeh Rukmini Onih Kokom Titin Empat Juju Elis Nining Odah Ros Uum Heni"
    ),
    men=_w(
        "Asep Cecep Ujang Dadang Endang Tatang Ade Encep Jajang Maman Aceng Yayat Didin Deden Entis Ruhiyat Uus Oman "
        "Iwan Wawan Nanang Komar Apud Engkos Odang Kosasih Tarya Sarip Jujun Aep Dudung Ihin"
    ),
    last_women=_w(
        "Rohaeti Kurniasih Sumarni Nurjanah Suryati Maesaroh Hasanah Juariah Komariah Kartika Solihat Rostikah "
        "Sutarsih Rohimah Mulyati Nuraeni Karmila Suhaeti Fatimah Permatasari"
    ),
    last_men=_w(
        "Suryana Sutisna Hermawan Rukmana Sobari Mulyana Permana Gunawan Sukmana Kusnadi Saepudin Ruslan Suherman "
        "Wahyudin Supriatna Hidayatuloh Somantri Koswara Nurdin Jaelani"
    ),
    single=0.22,
    made=(_OF_SUNDA_WOMEN, _OF_SUNDA_MEN),
    is_made=0.5,
)
_SASAK = _Custom(
    women=_w("Nurhayati Saknah Sahnim Mariam Siti Rohani Zohriah Hurniati Fatmawati Rabiah Huriah Sumiarti Aisah"),
    men=_w("Muhammad Sahrudin Mahnun Amaq Saparudin Zainul Jumahir Sahabudin Mahsun Lukman Hamdan Munir Sabri"),
    last_women=_w("Hasanah Wardani Apriani Nurlaili Hidayati Sabariah Marlina Zuhriah Safitri Kusuma"),
    last_men=_w("Hamdi Wirawan Sukardi Azhari Majdi Ihsan Fathoni Haris Taufik Rizal"),
    single=0.3,
    before_women=_w("Baiq Inaq Lale"),
    before_men=_w("Lalu Amaq"),
    before=0.35,
    made=(_OF_FAITH_WOMEN, _OF_FAITH_MEN),
    is_made=0.5,
)
_FLORES = _Custom(
    women=_w(
        "Maria Yuliana Margaretha Yosefina Agustina Fransiska Theresia Anastasia Petronela Kristina Veronika Rosalia"
    ),
    men=_w("Yohanes Antonius Petrus Fransiskus Markus Yosef Kornelis Blasius Dominikus Stefanus Marselinus Gregorius"),
    last_women=_w("Bere Tefa Nahak Seran Klau Mau Taek Loin Nubatonis Banfatin Sabuin Kase Tamonob Lawang Kolo"),
    last_men=_w("Bere Tefa Nahak Seran Klau Mau Taek Loin Nubatonis Banfatin Sabuin Kase Tamonob Lawang Kolo"),
    single=0.02,
)
_BATAK = _Custom(
    women=_w("Tiur Rosmaida Lamtiar Duma Herlina Rotua Basaria Tetty Nurmala Elfrida Mutiara Sondang Ida"),
    men=_w("Parulian Togar Saut Hotman Binsar Jonter Maruli Ramses Tigor Poltak Edison Manahan Lamhot"),
    last_women=_w("Simanungkalit Situmeang Manalu Hutabarat Sianturi Pakpahan Nababan Siregar Harahap Purba Sitepu"),
    last_men=_w("Simanungkalit Situmeang Manalu Hutabarat Sianturi Pakpahan Nababan Siregar Harahap Purba Sitepu"),
    single=0.01,
)
_ACEH = _Custom(
    women=_w("Nuraini Mutia Rosnah Zubaidah Khadijah Nurlela Hasnah Safrina Yusniar Marhamah Ainsyah"),
    men=_w("Zulkifli Muslem Ibnu Ridwan Hasbi Syahrial Munawar Razali Fauzan Bustami Anwar"),
    last_women=_w("Yusra Rahmi Fitria Maulida Zahara Husna Ramadhani Safitri"),
    last_men=_w("Hasan Ismail Usman Daud Abdullah Syah Ramli Jafar"),
    single=0.3,
    before_women=_w("Cut"),
    before_men=_w("Teuku Tgk."),
    before=0.18,
    made=(_OF_FAITH_WOMEN, _OF_FAITH_MEN),
    is_made=0.5,
)
_BUGIS = _Custom(
    women=_w("Hasnawati Rosdiana Nurhaeda Sitti Hamsiah Darmawati Kasmawati Nurbaya Jumriah Halija Marwah"),
    men=_w("Baharuddin Syamsuddin Muhtar Arifuddin Jamaluddin Rusli Amiruddin Sainuddin Haeruddin Laode Kamaruddin"),
    last_women=_w("Rahman Tahir Mappa Sulaeman Tenri Basri Hamid Saleh"),
    last_men=_w("Rahman Tahir Mappa Sulaeman Lolo Basri Hamid Saleh"),
    single=0.3,
    before_women=_w("Andi Daeng"),
    before_men=_w("Andi Daeng"),
    before=0.2,
    made=(_OF_FAITH_WOMEN, _OF_FAITH_MEN),
    is_made=0.5,
)
_BALI = _Custom(
    women=_w("Wayan Made Nyoman Ketut Putu Kadek Komang"),
    men=_w("Wayan Made Nyoman Ketut Gede Kadek Komang"),
    last_women=_w("Sukerti Artini Suarniti Murniasih Ariani Sudiasih Wati Astiti Rasmini Parwati"),
    last_men=_w("Sudarsana Artawan Suardika Mertayasa Wirata Subawa Arnawa Sukadana Widana Parta"),
    before_women=("Ni", "Ni Luh", "I Gusti Ayu"),
    before_men=("I", "I Gusti", "I Dewa"),
    before=0.95,
)
_BORNEO = _Custom(
    women=_w("Norhayati Rusnah Dayang Yulita Marsiana Lusia Mariani Hadijah Norsiah Ermina Salasiah Rukayah"),
    men=_w("Dahlan Awang Yansen Rahmani Petrus Sarkani Norman Lahing Uray Darmawan Busra Akhmad"),
    last_women=_w("Lestiani Sapitri Julianti Ngau Bulan Ariyani Nadia Jumaidah Lidia Uring"),
    last_men=_w("Ardiansyah Ngau Lawai Supian Yusup Bujang Liah Hermanto Jali Anyi"),
    single=0.25,
    made=(_OF_FAITH_WOMEN, _OF_FAITH_MEN),
    is_made=0.5,
)
_EAST = _Custom(
    women=_w("Yosina Febiola Dorkas Selfina Martha Ester Aplena Ribka Naomi Wilhelmina Paulina Agustince"),
    men=_w("Yakobus Melkianus Ferdinan Yance Obet Elias Sefnat Alfons Marthen Zakarias Benyamin Pilemon"),
    last_women=_w("Latuheru Souisa Wattimena Rumbiak Yoman Mandacan Walangitan Lumintang Karundeng Tamaela Kaisiepo"),
    last_men=_w("Latuheru Souisa Wattimena Rumbiak Yoman Mandacan Walangitan Lumintang Karundeng Tamaela Kaisiepo"),
    single=0.01,
)
_MALAY = _Custom(
    women=_w("Rosmiati Nurlina Yusnidar Asnah Zuraida Fatimah Desi Yuliana Murniati Rohana Ernawati Zainab Salmah"),
    men=_w("Zulfikar Herman Syafrizal Nasrul Idris Ramlan Yusrizal Efendi Hasanudin Bakri Mansur Rahman Amri"),
    last_women=_w("Sari Wati Novita Marlina Suryani Afriani Oktavia Yulianti Rahmadani Elvira"),
    last_men=_w("Saputra Effendi Chaniago Lubis Tanjung Koto Ramadhan Syahputra Fadli Marzuki"),
    single=0.2,
    made=(_OF_FAITH_WOMEN, _OF_FAITH_MEN),
    is_made=0.5,
)
_ABROAD: dict[str, _Custom] = {
    "MM": _Custom(
        _w("Khin Thida Mya Aye Hla"), _w("Aung Zaw Min Kyaw Htun"), _w("Thiri Mon Sanda"), _w("Lin Oo Naing Thu")
    ),
    "KH": _Custom(
        _w("Sreymom Chanthy Bopha Sokha"),
        _w("Sokun Vuthy Dara Samnang"),
        _w("Keo Chhim Prak"),
        _w("Keo Chhim Prak Nhem"),
    ),
    "TH": _Custom(
        _w("Somjai Malee Noi Pranee"),
        _w("Somsak Prasit Anan Chai"),
        _w("Thongdee Saelim"),
        _w("Thongdee Saelim Boonmee"),
    ),
    "LA": _Custom(
        _w("Bounmy Noy Khamla"), _w("Khamphone Bounthong Seng"), _w("Vongsa Phommachan"), _w("Vongsa Phommachan")
    ),
    "PH": _Custom(
        _w("Marites Jocelyn Rowena Liza"),
        _w("Rodel Arnel Jun Reynaldo"),
        _w("Dimaculangan Salonga"),
        _w("Dimaculangan Salonga Magbanua"),
    ),
}
_BY_PROVINCE: dict[str, tuple[_Custom, ...]] = {
    "11": (_ACEH,), "12": (_BATAK, _MALAY, _JAVA), "13": (_MALAY,), "14": (_MALAY,), "15": (_MALAY, _JAVA), "16": (_MALAY,),
    "17": (_MALAY,), "18": (_JAVA, _MALAY), "19": (_MALAY,), "21": (_MALAY, _JAVA), "31": (_JAVA, _SUNDA, _BATAK),
    "32": (_SUNDA, _SUNDA, _SUNDA, _JAVA), "33": (_JAVA,), "34": (_JAVA,), "35": (_JAVA,), "36": (_SUNDA, _JAVA),
    "51": (_BALI,), "52": (_SASAK,), "53": (_FLORES,), "61": (_BORNEO, _MALAY), "62": (_BORNEO,), "63": (_BORNEO,),
    "64": (_BORNEO, _BUGIS, _JAVA), "65": (_BORNEO, _BUGIS), "71": (_EAST,), "72": (_BUGIS,), "73": (_BUGIS,),
    "74": (_BUGIS,), "75": (_BUGIS,), "76": (_BUGIS,),
}  # fmt: skip
_OLD_SPELLING = (("u", "oe"), ("j", "dj"), ("c", "tj"), ("y", "j"), ("kh", "ch"))


def draw_name(random: Random, *, province: str, country: str, is_woman: bool, age: int) -> Name:
    """
    Invent a name as it could be given in a region.

    Args:
        random: The source of chance.
        province: Home-ministry code of the province of origin.
        country: ISO 3166 code of the citizenship.
        is_woman: Which of the region's lists is used.
        age: Years; forms of address and old spelling come with age.
    """
    customs = _BY_PROVINCE.get(province, (_EAST,)) if country == "ID" else (_ABROAD[country],)
    custom = customs[int(random.random() * len(customs))]
    if custom.made and random.random() < custom.is_made:
        words = [custom.made[0 if is_woman else 1].draw(random)]
    else:
        words = [_pick(random, custom.women if is_woman else custom.men)]
    if random.random() >= custom.single:
        last = _pick(random, custom.last_women if is_woman else custom.last_men)
        words.append(last if last != words[0] else "Sari" if is_woman else "Putra")
        if random.random() < 0.16:
            words.insert(1, _pick(random, custom.last_women if is_woman else custom.last_men))
    prefixes = custom.before_women if is_woman else custom.before_men
    if prefixes and random.random() < custom.before:
        words = [*_pick(random, prefixes).split(), *words]
    if country == "ID" and random.random() < 0.03:
        words += ["binti" if is_woman else "bin", _pick(random, custom.men)]
    words = list(dict.fromkeys(words))
    if age > 45 and random.random() < 0.05:
        words = [_old(word) for word in words]
    return Name(tuple(words), _salutation(random, is_woman=is_woman, age=age) if country == "ID" else "")


def misspelt(random: Random, name: Name) -> Name:
    """The same name as a tired hand in another office would write it."""
    words = list(name.words)
    place = int(random.random() * len(words))
    draw = random.random()
    if draw < 0.3:
        words[place] = _swapped(random, words[place])
    elif draw < 0.55:
        words[place] = _old(words[place]) if "oe" not in words[place].lower() else words[place].replace("oe", "u")
    elif draw < 0.75 and len(words) > 1:
        words = [words[-1], *words[:-1]]
    elif draw < 0.88 and len(words) > 1:
        words[-1] = words[-1][0] + "."
    else:
        words[place] = _doubled(random, words[place])
    salutation = "" if random.random() < 0.6 else name.salutation
    return replace(name, words=tuple(words), salutation=salutation)


def _pick(random: Random, words: Sequence[str]) -> str:
    # Squared, so that a few names are common and most are rare, as in life.
    draw = random.random()
    return words[int(draw * draw * len(words))]


def _salutation(random: Random, *, is_woman: bool, age: int) -> str:
    draw = random.random()
    if age < 18 or draw < 0.55:
        return ""
    if age > 40 and draw > 0.95:
        return "Hj." if is_woman else "H."
    if age > 27:
        return "Ibu" if is_woman else "Bapak"
    return "Sdri." if is_woman else "Sdr."


def _old(word: str) -> str:
    lower = word.lower()
    for new, old in _OLD_SPELLING:
        if new in lower and old not in lower:
            changed = lower.replace(new, old)
            return changed.capitalize() if word[0].isupper() else changed
    return word


def _swapped(random: Random, word: str) -> str:
    if len(word) < 4:
        return word
    place = 1 + int(random.random() * (len(word) - 3))
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def _doubled(random: Random, word: str) -> str:
    if len(word) < 4:
        return word
    place = 1 + int(random.random() * (len(word) - 2))
    return word[:place] + word[place + 1 :] if random.random() < 0.5 else word[:place] + word[place] + word[place:]
