"""Second factors of a member of staff: the authenticator app and the printed recovery codes."""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from biobank import clock
from biobank.access import totp
from biobank.access.factor_models import Passkey, RecoveryCode, TotpFactor
from biobank.access.policy import Method
from biobank.columns import new_id
from biobank.db import Tx
from biobank.errors import Conflict, Invalid, NotFound

KEY = "factors"
RECOVERY_CODES = 10
RECOVERY_LENGTH = 10
# Crockford's alphabet: no I, L, O, U.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_AS_READ = str.maketrans("OIL", "011")
_VERSION = b"\x01"


def _place(row: UUID) -> bytes:
    return _VERSION + b"\x00totp_factor\x00sealed\x00" + row.bytes


def _seal(key: bytes, secret: bytes, row: UUID) -> bytes:
    """Version, 96-bit random nonce, ciphertext with tag (AES-256-GCM, NIST SP 800-38D), tied to its row."""
    nonce = secrets.token_bytes(12)
    return _VERSION + nonce + AESGCM(key).encrypt(nonce, secret, _place(row))


def _unseal(key: bytes, factor: TotpFactor) -> bytes:
    return AESGCM(key).decrypt(factor.sealed[1:13], factor.sealed[13:], _place(factor.id))


@dataclass(frozen=True)
class Held:
    """What somebody holds besides the password."""

    totp_since: datetime | None
    passkeys: Sequence[Passkey]
    recovery_codes: int

    @property
    def methods(self) -> frozenset[Method]:
        found = {Method.TOTP: self.totp_since, Method.PASSKEY: self.passkeys, Method.RECOVERY: self.recovery_codes}
        return frozenset(method for method, there in found.items() if there)

    @property
    def any_real(self) -> bool:
        """Whether there is more than printed codes."""
        return bool(self.methods - {Method.RECOVERY})


def held_by(tx: Tx, staff_id: UUID) -> Held:
    """The factors that somebody has set up."""
    since = tx.session.scalar(sa.select(TotpFactor.confirmed_at).filter_by(staff_id=staff_id))
    keys = tx.session.scalars(sa.select(Passkey).filter_by(staff_id=staff_id).order_by(Passkey.id)).all()
    left = sa.select(sa.func.count()).select_from(RecoveryCode).filter_by(staff_id=staff_id, used_at=None)
    return Held(since, keys, tx.session.scalar(left) or 0)


def added_since(tx: Tx, staff_id: UUID, moment: datetime) -> frozenset[Method]:
    """The real factors that somebody has set up from this moment on."""
    held = held_by(tx, staff_id)
    found = {Method.TOTP} if held.totp_since is not None and held.totp_since >= moment else set()
    if any(passkey.added_at >= moment for passkey in held.passkeys):
        found.add(Method.PASSKEY)
    return frozenset(found)


def begin_totp(tx: Tx, staff_id: UUID) -> bytes:
    """Draw a secret for an authenticator app; it counts once a code of it was given. Answers the secret."""
    factor = tx.session.scalar(sa.select(TotpFactor).filter_by(staff_id=staff_id))
    if factor is not None and factor.confirmed_at is not None:
        raise Conflict("You have an authenticator app already. Remove it first.")
    secret, key = totp.make_secret(), tx.databases.keys(KEY)
    if factor is None:
        row = new_id()
        tx.session.add(TotpFactor(id=row, staff_id=staff_id, sealed=_seal(key, secret, row), added_at=clock.now()))
    else:
        factor.sealed, factor.last_step = _seal(key, secret, factor.id), 0
    tx.session.flush()
    return secret


def pending_totp(tx: Tx, staff_id: UUID) -> bytes | None:
    """The secret that waits for its first code."""
    factor = tx.session.scalar(sa.select(TotpFactor).filter_by(staff_id=staff_id, confirmed_at=None))
    return _unseal(tx.databases.keys(KEY), factor) if factor else None


def confirm_totp(tx: Tx, staff_id: UUID, code: str) -> None:
    """The app's first code proves that the app has the secret."""
    factor = tx.session.scalar(sa.select(TotpFactor).filter_by(staff_id=staff_id, confirmed_at=None))
    if factor is None:
        raise Conflict("There is nothing to confirm. Start again from your account.")
    if not _use_step(tx, factor, code):
        raise Invalid("That is not the code your app shows now. Wait for the next one and type it.")
    factor.confirmed_at = clock.now()


def _use_step(tx: Tx, factor: TotpFactor, code: str) -> bool:
    step = totp.matching_step(_unseal(tx.databases.keys(KEY), factor), code, clock.now().timestamp())
    if step is None:
        return False
    # One statement, so that of two that come together with one code only one is let in (RFC 6238 section 5.2).
    used = tx.session.execute(
        sa.update(TotpFactor).where(TotpFactor.id == factor.id, TotpFactor.last_step < step).values(last_step=step)
    )
    return bool(used.rowcount)  # type: ignore[attr-defined]


def use_totp(tx: Tx, staff_id: UUID, code: str) -> bool:
    """Whether the code is right and was never used before; it is used up by this."""
    query = sa.select(TotpFactor).where(TotpFactor.staff_id == staff_id, TotpFactor.confirmed_at.is_not(None))
    factor = tx.session.scalar(query)
    return factor is not None and _use_step(tx, factor, code)


def plain_code(text: str) -> str:
    """A recovery code as it is compared: letters as Crockford reads them, without dashes and spaces."""
    return "".join(letter for letter in text.upper().translate(_AS_READ) if letter in _ALPHABET)


def _code_hash(tx: Tx, staff_id: UUID, code: str) -> str:
    # Keyed: fifty bits alone could be searched by whoever has the table.
    return hmac.digest(tx.databases.keys(KEY), staff_id.bytes + plain_code(code).encode(), "sha256").hex()


def make_recovery_codes(tx: Tx, staff_id: UUID) -> list[str]:
    """Ten new codes of 50 random bits, in place of all earlier ones; only their hashes are kept."""
    tx.session.execute(sa.delete(RecoveryCode).filter_by(staff_id=staff_id))
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)]
    tx.session.add_all(
        RecoveryCode(code_hash=_code_hash(tx, staff_id, code), staff_id=staff_id, made_at=clock.now()) for code in codes
    )
    tx.session.flush()
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def use_recovery_code(tx: Tx, staff_id: UUID, code: str) -> bool:
    """Whether this is one of the printed codes that was not used yet; it is used up by this."""
    used = tx.session.execute(
        sa.update(RecoveryCode)
        .filter_by(code_hash=_code_hash(tx, staff_id, code), staff_id=staff_id, used_at=None)
        .values(used_at=clock.now())
    )
    return bool(used.rowcount)  # type: ignore[attr-defined]


def remove_totp(tx: Tx, staff_id: UUID) -> None:
    tx.session.execute(sa.delete(TotpFactor).filter_by(staff_id=staff_id))


def remove_passkey(tx: Tx, staff_id: UUID, passkey_id: UUID) -> None:
    removed = tx.session.execute(sa.delete(Passkey).filter_by(id=passkey_id, staff_id=staff_id))
    if not removed.rowcount:  # type: ignore[attr-defined]
        raise NotFound("You have no such passkey.")


def remove_all(tx: Tx, staff_id: UUID) -> None:
    """Take every factor away, so that new ones are set up at the next sign-in."""
    for model in (TotpFactor, Passkey, RecoveryCode):
        tx.session.execute(sa.delete(model).filter_by(staff_id=staff_id))
