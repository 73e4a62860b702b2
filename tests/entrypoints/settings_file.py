"""`.env.example`, made from the settings. `python -m tests.entrypoints.settings_file` writes it."""

import attrs

from parlour.config.settings import Settings

from ..server import ROOT

FILE = ROOT / ".env.example"
HEAD = """# Every setting with its default. Set the ones that should differ, in the environment or (in lower case) in parlour.toml;
# `parlour config` shows what is in force, and where each came from.
"""


def written() -> str:
    lines = [HEAD]
    for a in attrs.fields(Settings):
        lines += [f"# {a.metadata['typed-settings']['help']}", f"# {a.name.upper()}={shown(a)}", ""]
    return "\n".join(lines).rstrip() + "\n"


def shown(setting: attrs.Attribute) -> str:
    if "secret" in setting.name:
        return ""
    value = setting.default
    return str(value).lower() if isinstance(value, bool) else str(value)


if __name__ == "__main__":
    FILE.write_text(written())
