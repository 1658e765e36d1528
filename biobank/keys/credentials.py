"""Keys as systemd credentials: read-only files in $CREDENTIALS_DIRECTORY (systemd.exec(5), LoadCredentialEncrypted)."""

import os
from pathlib import Path

from biobank.config import Settings
from biobank.errors import Invalid, UnsafeSettings
from biobank.keys.local import FolderKeys


class CredentialKeys(FolderKeys):
    """The service may read its keys and draws none: the unit file brings each as a credential NAME.key."""

    def __init__(self, _settings: Settings) -> None:
        folder = os.environ.get("CREDENTIALS_DIRECTORY")
        if not folder:
            raise UnsafeSettings("BIOBANK_KEY_PROVIDER=systemd needs LoadCredentialEncrypted= lines in the unit file.")
        super().__init__(Path(folder))

    def rotate(self) -> str:
        following = (self.numbers() or [0])[-1] + 1
        raise Invalid(
            "This machine's keys come from its unit file. Add the credential master-%(number)s.key there, "
            "restart, and run `biobank vault rotate` again.",
            number=following,
        )

    def retire(self, master: str) -> None:
        if master == self.current():
            raise Invalid("%(master)s is the master key in use. Rotate first.", master=master)
        raise Invalid("Take the credential %(master)s.key out of the unit file and destroy it.", master=master)
