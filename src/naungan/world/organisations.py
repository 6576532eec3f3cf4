"""A dozen invented organisations and forty people who work there, with what each may do."""

# ruff: noqa: E501 - a row of a table stays whole

from __future__ import annotations

from dataclasses import dataclass

from naungan.access.policy import Role

__all__ = ["ORGANISATIONS", "PASSWORD", "PERSONAS", "Body", "Persona"]

# One password for all personas, printed on the screen: for a demonstration on one's own machine and nothing else.
PASSWORD = "payung-biru-di-taman-17"  # noqa: S105 - demonstration only; accounts exist nowhere else


@dataclass(frozen=True, slots=True)
class Body:
    """An organisation: its key, name, kind in the sense of HTCDS, place and teams."""

    key: str
    name: str
    kind: str
    city: str
    teams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody who works in the world: sign-in name, organisation, roles and team."""

    key: str
    name: str
    organisation: str
    roles: tuple[Role, ...]
    team: str = ""
    language: str = "id"

    @property
    def email(self) -> str:
        return f"{self.key}@{self.organisation}.example.org"


ORGANISATIONS = (
    Body("gugus", "Gugus Tugas Nusa Rekaan (fiktif)", "LocalGovernmentOrganisation", "Kota Tirtasari", ("Sekretariat",)),
    Body("uptd", "UPTD PPA Tirtasari (fiktif)", "LocalGovernmentOrganisation", "Kota Tirtasari", ("Penerimaan", "Pendampingan")),
    Body("polisi", "Unit PPA Polres Tirtasari (fiktif)", "LawEnforcement", "Kota Tirtasari", ("Unit PPA",)),
    Body("rumah", "Rumah Aman Melati Senja (fiktif)", "x_Shelter", "Kab. Karangasih", ("Pengasuhan",)),
    Body("klinik", "Klinik Harapan Tirta (fiktif)", "HealthServiceOrganisation", "Kota Tirtasari", ("Poli",)),
    Body("payung", "LBH Payung Nusa (fiktif)", "LegalService", "Kota Sumberraya", ("Bantuan Hukum",)),
    Body("saksi", "Perlindungan Saksi Wilayah Rekaan (fiktif)", "CentralGovernmentOrganisation", "Kota Sumberraya", ("Perlindungan",)),
    Body("kedutaan", "Kedutaan di Negara Contoh (fiktif)", "x_Embassy", "Kota Contoh", ("Pelindungan Warga",)),
    Body("yayasan", "Yayasan Jejak Pulang (fiktif)", "NGO", "Kab. Wanajati", ("Lapangan", "Reintegrasi")),
    Body("balai", "Balai Latihan Tirtasari (fiktif)", "SchoolOrCollege", "Kota Tirtasari", ("Pelatihan",)),
    Body("samudra", "PT Samudra Contoh (fiktif)", "CorporateBusiness", "Kota Muararaya", ("Kepatuhan",)),
    Body("migrasi", "Organisasi Migrasi Antarbangsa (fiktif)", "x_InternationalOrganisation", "Kota Sumberraya", ("Bantuan Korban", "Pulau-Pulau")),
)  # fmt: skip

_R = Role
PERSONAS = (
    Persona("ratih", "Ratih Anjarwati", "uptd", (_R.SUPERVISOR,), "Pendampingan"),
    Persona("wulan", "Wulan Kartikasari", "uptd", (_R.CASEWORKER,), "Pendampingan"),
    Persona("bayu", "Bayu Anggoro", "uptd", (_R.CASEWORKER,), "Pendampingan"),
    Persona("intan", "Intan Permatahati", "uptd", (_R.INTAKE,), "Penerimaan"),
    Persona("galih", "Galih Wicaksana", "uptd", (_R.SUPERVISOR, _R.CASEWORKER), "Penerimaan"),
    Persona("sekar", "Sekar Melur", "uptd", (_R.SCREENING,), "Penerimaan"),
    Persona("hasan", "Hasan Basyir", "uptd", (_R.COORDINATOR,)),
    Persona("tirta", "Tirta Maheswari", "uptd", (_R.PROTECTION_OFFICER,)),
    Persona("admin", "Admin Tirtasari", "uptd", (_R.ADMINISTRATOR,)),
    Persona("admin2", "Admin Kedua Tirtasari", "uptd", (_R.ADMINISTRATOR,)),
    Persona("laras", "Laras Widuri", "yayasan", (_R.SUPERVISOR,), "Lapangan"),
    Persona("jonas", "Jonas Tefabara", "yayasan", (_R.CASEWORKER,), "Lapangan"),
    Persona("mira", "Mira Suryaningrat", "yayasan", (_R.CASEWORKER,), "Reintegrasi"),
    Persona("dewi", "Dewi Candrakirana", "yayasan", (_R.SUPERVISOR,), "Reintegrasi"),
    Persona("opik", "Opik Somanagara", "yayasan", (_R.INTAKE,), "Lapangan"),
    Persona("lina", "Lina Harjasaputra", "yayasan", (_R.PROTECTION_OFFICER, _R.ADMINISTRATOR)),
    Persona("ana", "Ana Contohsari", "yayasan", (_R.OBSERVER,)),
    Persona("clara", "Clara Example", "migrasi", (_R.SUPERVISOR,), "Bantuan Korban", "en"),
    Persona("yusuf", "Yusuf Lautanbiru", "migrasi", (_R.CASEWORKER,), "Bantuan Korban"),
    Persona("agnes", "Agnes Rerungan", "migrasi", (_R.CASEWORKER,), "Pulau-Pulau"),
    Persona("damar", "Damar Kencana", "migrasi", (_R.SUPERVISOR,), "Pulau-Pulau"),
    Persona("petra", "Petra Sample", "migrasi", (_R.PROTECTION_OFFICER,), "", "en"),
    Persona("noel", "Noel Sample", "migrasi", (_R.ADMINISTRATOR,), "", "en"),
    Persona("rani", "Rani Angkasari", "migrasi", (_R.ANALYST,), "", "en"),
    Persona("suci", "Suci Rahmawardani", "rumah", (_R.SUPERVISOR,), "Pengasuhan"),
    Persona("melati", "Melati Ayuningrum", "rumah", (_R.CASEWORKER,), "Pengasuhan"),
    Persona("arum", "Arum Sekarlangit", "rumah", (_R.CASEWORKER, _R.ADMINISTRATOR), "Pengasuhan"),
    Persona("irwan", "Irwan Samudranusa", "kedutaan", (_R.SUPERVISOR,), "Pelindungan Warga"),
    Persona("nadia", "Nadia Benuarasa", "kedutaan", (_R.CASEWORKER,), "Pelindungan Warga"),
    Persona("bripka", "Bripka Guntur Rekaan", "polisi", (_R.SUPERVISOR, _R.CASEWORKER), "Unit PPA"),
    Persona("briptu", "Briptu Ayu Rekaan", "polisi", (_R.INTAKE,), "Unit PPA"),
    Persona("satria", "Satria Wiratama", "saksi", (_R.SUPERVISOR, _R.CASEWORKER), "Perlindungan"),
    Persona("kirana", "Kirana Adiluhung", "saksi", (_R.LEGAL,), "Perlindungan"),
    Persona("pandu", "Pandu Keadilan", "payung", (_R.LEGAL,), "Bantuan Hukum"),
    Persona("dokter", "Dokter Contoh Sehati", "klinik", (_R.PROVIDER,), "Poli"),
    Persona("gita", "Gita Nusarekaan", "gugus", (_R.SECRETARIAT,), "Sekretariat"),
    Persona("bram", "Bram Nusarekaan", "gugus", (_R.CAMPAIGN,), "Sekretariat"),
    Persona("tono", "Tono Pelatihan", "balai", (_R.TRAINER,), "Pelatihan"),
    Persona("vera", "Vera Samudra", "samudra", (_R.ADVISER,), "Kepatuhan"),
    Persona("felix", "Felix Samudra", "samudra", (_R.FOCAL_POINT,), "Kepatuhan", "en"),
)
