#!/usr/bin/env python3
"""Makes the type stubs of the package from the table of verbs in its extension.

    make_stubs.py PACKAGE TEMPLATE...

Each TEMPLATE, NAME.pyi.in, says in Python what the table does not; its line `# verbs of MODULE` gives
way to the verbs of that module. PACKAGE/NAME.pyi is written.
"""

import pathlib
import re
import sys

MARK = re.compile(r"^# verbs of (\S+)\n", re.MULTILINE)


def function(verb, narrowed, returns, indent="    "):
    """One `def`; parameters in `narrowed` have that type, and no default where it refuses it."""
    lines = []
    starred = False
    for parameter in verb["parameters"]:
        if not parameter["by_position"] and not starred:
            lines.append("*,")
            starred = True
        name, default = parameter["name"], parameter["default"]
        kind = narrowed.get(name, parameter["type"])
        if kind in ("StrPath", "Literal[True]") and name in narrowed:
            default = None
        lines.append(f"{name}: {kind}" + ("," if default is None else f" = {default},"))
    if not lines:
        return f"def {verb['name']}() -> {returns}:"
    body = "".join(f"\n{indent}{line}" for line in lines)
    return f"def {verb['name']}({body}\n) -> {returns}:"


def stub(verb):
    """A verb with its overloads; the first one carries the docstring."""
    overloads = verb["overloads"] or [{"narrowed": {}, "returns": verb["returns"]}]
    helps = "".join(f"\n    {p['name']}: {p['help']}" for p in verb["parameters"])
    docstring = f'    r"""{verb["summary"]}\n\n    Returns {verb["result"]}.\n{helps}\n    """\n'
    parts = []
    for overload in overloads:
        parts.append("@overload\n" if verb["overloads"] else "")
        parts.append(function(verb, overload["narrowed"], overload["returns"]))
        parts.append("\n" + docstring + "    ...\n" if len(parts) == 2 else " ...\n")
    return "".join(parts)


def main():
    package = pathlib.Path(sys.argv[1])
    sys.path[0] = str(package.parent)
    from kinema import _core
    verbs = _core.verbs()
    for template in map(pathlib.Path, sys.argv[2:]):
        def verbs_of(mark):
            return "\n".join(stub(v) for v in verbs if v["module"] == mark.group(1))
        text = MARK.sub(verbs_of, template.read_text(encoding="utf-8"))
        made = "# Made by make_stubs.py.\n" + text
        (package / template.name.removesuffix(".in")).write_text(made, encoding="utf-8")


if __name__ == "__main__":
    main()
