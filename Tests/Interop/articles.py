"""Checks that the articles on C interop say what the examples show: articles.py ROOT

- A block of code is a run of whole lines of the file that the comment before it names.
- What becomes of an example is said in an article that quotes it, and every example is quoted.
- A link leads to a file, or to another article; what is said to be in a file is there.
"""

import pathlib
import re
import sys
import textwrap

root = pathlib.Path(sys.argv[1])
folder = root / "Documentation/swift-sockets.docc/CInterop"
wrong = []
quoting = {}  # The articles that quote a file.


def complain(article, what):
    wrong.append(f"{article.name}: {what}")


def has_lines(text, block):
    lines, wanted = text.splitlines(), block.splitlines()
    return any(
        textwrap.dedent("\n".join(lines[i : i + len(wanted)])) == block for i in range(len(lines) - len(wanted) + 1)
    )


for article in sorted(folder.glob("*.md")):
    text = article.read_text()
    flat = " ".join(text.replace("`", "").split())
    # A fence opens, and the next one closes.
    parts = re.split(r"^```.*\n", text, flags=re.M)
    for prose, block in zip(parts[::2], parts[1::2]):
        source = re.search(r"<!-- (\S+) -->\n\Z", prose)
        if not source:
            complain(article, f"a block has no source: {block!r}")
            continue
        file = root / source[1]
        quoting.setdefault(file, []).append(flat)
        if not file.is_file():
            complain(article, f"there is no {source[1]}")
        elif not has_lines(file.read_text(), textwrap.dedent(block.rstrip("\n"))):
            complain(article, f"{source[1]} does not have: {block}")
    for target in re.findall(r"\]\(([^):]*)\)", text):
        if not (article.parent / target).is_file():
            complain(article, f"{target} does not exist")
    for path, target, names in re.findall(r"^- \[`(.*?)`\]\((.*?)\):((?:.|\n  )*)", text, re.M):
        if (article.parent / target).resolve() != (root / path).resolve():
            complain(article, f"{path} is not what {target} leads to")
        for name in re.findall(r"`(?:\w+\.)*(\w+)[^`]*`", names):
            if not re.search(rf"\b{name}\b", (root / path).read_text()):
                complain(article, f"{path} has no {name}")
    for name in re.findall(r"<doc:(\w+)>", text):
        if not (folder / f"{name}.md").is_file():
            complain(article, f"there is no article {name}")

for file in sorted((root / "Tests/Interop").glob("*/*")):
    if not file.is_file() or file.suffix not in {".swift", ".c", ".txt"}:
        continue
    said = re.findall(r"^//: (?:prints|traps|reports|error|crash)\b ?(.*)", file.read_text(), re.M)
    if not said and file.suffix != ".txt":
        continue
    name = file.relative_to(root)
    if file not in quoting:
        wrong.append(f"no article quotes {name}")
    for line in said:
        if file in quoting and not any(line in article for article in quoting[file]):
            wrong.append(f"what becomes of {name} is not said: {line}")

print("\n".join(wrong) or f"{len(quoting)} files are quoted")
sys.exit(bool(wrong))
