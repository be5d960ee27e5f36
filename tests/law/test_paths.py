"""Nothing committed knows the machine it was written on."""

from tests.law import files


def test_no_path_of_one_machine_is_committed() -> None:
    found = files.lines_with(r"""(^|[\s"'`(=:])/(home|root|work|Users|mnt)/[A-Za-z0-9_.-]+""", files.committed())
    # the user of the container image is the same on every machine
    assert [line for line in found if "/home/guichet" not in line] == []


def test_no_address_of_a_private_package_index_is_committed() -> None:
    found = files.lines_with(r"(index-url|find-links|registry)\s*[=:]\s*\S*https?://", files.committed(":!*.md"))
    assert found == []


def test_nothing_made_by_setup_is_committed() -> None:
    assert files.committed(".venv/*", "frontend/dist/*", "frontend/node_modules/*", "var/*", "*.mo") == []
