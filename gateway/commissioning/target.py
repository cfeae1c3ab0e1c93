"""Which machine is checked, and what the site's registry says of it."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from pydantic import Field, field_validator

from gateway.commissioning.told import Model


class Target(Model):
    """The machine that is checked.

    Attributes:
        site: the casino, and ``gateway``: ours there.
        asset: the casino's number of the machine.
        location: where the registry has it.
        line: name of its SAS line, ``address`` there, ``mode`` host or listen.
        serial: as the registry has it; empty where it has none.
        denomination: worth of one credit there, a decimal string; empty where it has none.
        currency: of the site.
        maker: of the machine, and ``model``, ``theme``: for people.
        neighbours: addresses of the other machines on the line, with their locations.
        owners: serial numbers of the whole registry with the asset that has each; not kept.
    """

    site: str
    gateway: str
    asset: str
    location: str
    line: str
    address: int = Field(ge=1, le=127)
    mode: str = "host"
    serial: str = ""
    denomination: str = ""
    currency: str = "USD"
    maker: str = ""
    model: str = ""
    theme: str = ""
    neighbours: dict[int, str] = Field(default_factory=dict)
    owners: dict[str, str] = Field(default_factory=dict, exclude=True, repr=False)

    @field_validator("denomination")
    @classmethod
    def _decimal(cls, text: str) -> str:
        try:
            fine = not text or Decimal(text) > 0
        except InvalidOperation:
            fine = False
        if not fine:
            raise ValueError("a decimal number above 0")
        return text

    @property
    def worth(self) -> Decimal | None:
        """Worth of one credit as the registry has it."""
        return Decimal(self.denomination) if self.denomination else None
