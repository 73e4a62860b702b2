"""The tools that `make check` runs: each sees what it is there to see."""

from pathlib import Path

import pytest

from tools import audit, links, rows

FEATURES = """
[[row]]
id = "ID1"
area = "Identity"
text = "Sign up"
state = "{state}"
{note}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "tests").mkdir()
    return tmp_path


def features(project: Path, state: str, note: str = "") -> None:
    note = f'note = "{note}"' if note else ""
    (project / "docs/features.toml").write_text(FEATURES.format(state=state, note=note))


def proof(project: Path, text: str) -> None:
    (project / "tests/test_it.py").write_text(f"import pytest\n\n{text}\n")


ONE_TEST = '@pytest.mark.row("ID1")\nasync def test_sign_up(): ...'


def test_rows_a_row_called_done_without_a_test_is_wrong(project: Path, capsys: pytest.CaptureFixture):
    features(project, "done")
    assert rows.main(["--write"], project) == 1
    assert "ID1 is called done, but no test carries its id" in capsys.readouterr().err
    proof(project, ONE_TEST)
    assert rows.main(["--write", "--check"], project) == 0


def test_rows_a_stale_file_is_wrong(project: Path, capsys: pytest.CaptureFixture):
    features(project, "planned")
    assert rows.main(["--check"], project) == 1
    assert rows.main(["--write", "--check"], project) == 0
    proof(project, ONE_TEST)
    assert rows.main(["--check"], project) == 1
    assert "is stale" in capsys.readouterr().err


def test_rows_partly_wants_a_note_and_a_known_state(project: Path, capsys: pytest.CaptureFixture):
    proof(project, ONE_TEST)
    features(project, "partly")
    assert rows.main(["--write"], project) == 1
    features(project, "partly", "no avatar yet")
    assert rows.main(["--write"], project) == 0
    assert "partly: no avatar yet" in (project / "docs/features.md").read_text()
    features(project, "nearly")
    assert rows.main(["--write"], project) == 1
    assert "its state is 'nearly'" in capsys.readouterr().err


def test_rows_a_mark_that_names_no_row_is_wrong(project: Path, capsys: pytest.CaptureFixture):
    features(project, "planned")
    proof(project, ONE_TEST.replace("ID1", "ID99"))
    assert rows.main(["--write"], project) == 1
    assert "test_sign_up names ID99, which is no row" in capsys.readouterr().err


def test_rows_ids_must_be_written_out(project: Path):
    features(project, "planned")
    proof(project, '@pytest.mark.row(f"ID{1}")\ndef test_it(): ...')
    with pytest.raises(SystemExit, match="written out"):
        rows.main(["--write"], project)


@pytest.mark.parametrize(
    "text,tests",
    [
        (ONE_TEST, ["test_sign_up"]),
        ('pytestmark = pytest.mark.row("ID1")\ndef test_a(): ...\ndef helper(): ...', ["test_a"]),
        (
            'pytestmark = [pytest.mark.slow, pytest.mark.row("ID1")]\nclass TestA:\n    def test_b(self): ...',
            ["TestA::test_b"],
        ),
        ('@pytest.mark.row("ID2", "ID1")\nclass TestA:\n    def test_b(self): ...', ["TestA::test_b"]),
        ('TestRooms = pytest.mark.row("ID1")(RoomMachine.TestCase)', ["TestRooms"]),
        ('pytestmark = pytest.mark.row("ID1")\nTestRooms = RoomMachine.TestCase', ["TestRooms"]),
        ("@pytest.mark.slow\ndef test_a(): ...", []),
    ],
)
def test_rows_reads_marks_wherever_they_stand(project: Path, text: str, tests: list[str]):
    proof(project, text)
    assert [found.test for found in rows.read_proofs(project) if found.row == "ID1"] == tests


@pytest.mark.parametrize(
    "link,said",
    [
        ("docs/missing.md", "there is no such file"),
        ("docs/there.md#missing", "there is no such heading"),
        ("#missing", "there is no such heading"),
        ("../outside.md", "leads out of the repository"),
        ("docs/there.md", ""),
        ("docs/there.md#a-heading-with-code-and-signs", ""),
        ("docs/there.md#twice-1", ""),
        ("docs/there.md#anchor", ""),
        ("#here", ""),
        ("/docs/there.md", ""),
        ("docs", ""),
        ("https://example.org/missing", ""),
        ("mailto:nobody@example.org", ""),
    ],
)
def test_links(project: Path, link: str, said: str):
    there = '# A *heading*: with `code`, and signs!\n\n## Twice\n\n## Twice\n\n<a id="anchor"></a>\n'
    (project / "docs/there.md").write_text(there)
    (project / "README.md").write_text(
        f"# Here\n\nSee [this]({link}).\n\n```\n[not](a/link.md)\n```\n`[nor](this.md)`\n"
    )
    count, wrong = links.check(project)
    assert count == 1
    assert wrong == ([f"README.md:3: {link}: {said}"] if said else [])


def test_links_by_reference_and_by_tag(project: Path):
    (project / "README.md").write_text('[a]: gone.md\n<img src="gone.png">\n![alt](gone.svg "title")\n')
    assert len(links.check(project)[1]) == 3


def test_audit_a_vulnerability_fails_and_silence_does_not(capsys: pytest.CaptureFixture):
    sound = {"name": "attrs", "version": "1", "vulns": []}
    holed = {"name": "holed", "version": "2", "vulns": [{"id": "CVE-1", "fix_versions": ["3"]}]}
    unknown = {"name": "new", "skip_reason": "not found"}
    assert audit.judge([sound, unknown]) == (0, "1 of 2 packages known")
    assert audit.judge([sound, holed])[0] == 1
    assert "holed 2: CVE-1, mended in 3" in capsys.readouterr().err
    assert audit.judge([unknown])[0] is None
