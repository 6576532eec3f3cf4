"""What the vault refuses; no message ever carries a sealed value or a key."""


class VaultError(Exception):
    """Base of everything the vault refuses."""


class Tampered(VaultError):
    """A ciphertext was changed, cut, moved to another place, or belongs to another key."""


class BadName(VaultError):
    """The name of an item is empty, too long or holds a control character."""


class SubjectErased(VaultError):
    """The subject's key was destroyed: nothing can be read or sealed any more."""


class OnHold(VaultError):
    """A legal hold forbids the erasure; release the hold first."""


class NotOnHold(VaultError):
    """There is no legal hold to release."""


class KeysMissing(VaultError):
    """No key file lies where the settings say; make one with `naungan keys generate`."""


class BadKeyFile(VaultError):
    """The key file cannot be understood or was changed."""


class CannotUnseal(VaultError):
    """The passphrase, the key or the command given does not open the key file."""


class UnknownKeyVersion(VaultError):
    """The ring does not hold the key version that a record was sealed under."""


class KeyInUse(VaultError):
    """The key version still seals records; run `naungan keys rotate` to its end first."""


class UnsealedKeyOnDataDisk(VaultError):
    """A key lies unsealed on the disk that holds the data, or others may read it."""


class BadShare(VaultError):
    """A share was mistyped, or shares of different sets were mixed."""


class TooFewShares(VaultError):
    """Fewer shares were given than are needed to restore the keys."""


class FileMissing(VaultError):
    """The storage does not hold an encrypted file that a record names."""
