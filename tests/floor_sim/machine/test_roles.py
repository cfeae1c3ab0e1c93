"""Which exceptions and long polls a SAS port has to do with."""

import pytest

from floor_sim.machine.roles import EVERYTHING, FOR_EVERY_PORT, ROLES, answers, reports
from protocols.sas.tables.exceptions import EXCEPTIONS, IDLE_CODES
from protocols.sas.tables.polls import POLLS

OVERFLOW = 0x70


def test_every_exception_but_the_overflow_flag_belongs_to_a_role():
    in_roles = {code for role in ROLES.values() for code in role.exceptions}
    assert in_roles == EXCEPTIONS.keys() - IDLE_CODES - {OVERFLOW}


def test_every_long_poll_belongs_to_a_role_or_to_every_port():
    in_roles = {command for role in ROLES.values() for command in role.polls}
    assert in_roles | FOR_EVERY_PORT == set(POLLS)
    assert not in_roles & FOR_EVERY_PORT


@pytest.mark.parametrize("roles", [frozenset(), frozenset({"doors"}), EVERYTHING])
def test_overflow_identity_and_unknown_codes_go_through_every_port(roles):
    assert reports(roles, OVERFLOW)
    assert reports(roles, 0xC7)
    assert answers(roles, 0x1F)
    assert answers(roles, 0xC7)


def test_a_port_has_to_do_with_its_own_roles_alone():
    roles = frozenset({"doors", "meters"})
    assert reports(roles, 0x11)
    assert not reports(roles, 0x51)
    assert answers(roles, 0x0F)
    assert not any(answers(roles, command) for command in (0x01, 0x1B, 0x57, 0x72, 0x94))


def test_a_port_with_every_role_leaves_nothing_out():
    assert all(reports(EVERYTHING, code) for code in range(256))
    assert all(answers(EVERYTHING, command) for command in range(256))
