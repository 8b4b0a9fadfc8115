"""Takes the blocks of Swift out of Markdown files, for the compiler: blocks.py OUTPUT ROOT FILE...

Those of one file are one module, OUTPUT/modules/<file>/, in which a block may use what an earlier one has imported and
declared. One behind a line `<!-- program: NAME -->` is a whole program instead, OUTPUT/programs/NAME/main.swift, and one
that begins with `// swift-tools-version` a package, OUTPUT/packages/<file>/Package.swift. The compiler is told where
each comes from, so that it names the article and the line. What is C or a configuration of HAProxy is a file of its
own, OUTPUT/c/<file>-<line>.c and OUTPUT/haproxy/<file>-<line>.haproxy.
"""

import pathlib
import re
import sys

output, root, *files = map(pathlib.Path, sys.argv[1:])


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def blocks(lines):
    """Each block: the number of its first line, its language, its text, and the name of the program that it is."""
    start = language = program = None
    for number, line in enumerate(lines, 1):
        if start is None and (marker := re.fullmatch(r"<!-- program: ([\w-]+) -->", line)):
            program = marker[1]
        elif start is None and line.startswith("```"):
            start, language = number + 1, line[3:]
        elif line == "```":
            yield start, language, "\n".join(lines[start - 1 : number - 1]) + "\n", program
            start = program = None
        elif start is None and (line and program or re.match(r"[>\s]+```swift", line)):
            sys.exit(f"{file}:{number}: a block of Swift stands at the beginning of a line, behind its program's name")


for file in files:
    name = str(file.relative_to(root))
    imports = []
    for line, language, text, program in blocks(file.read_text().split("\n")):
        if language in ("c", "haproxy"):
            write(output / language / f"{file.stem}-{line}.{language}", text)
        if language != "swift":
            continue
        source = f'#sourceLocation(file: "{name}", line: {line})\n{text}'
        if program:
            write(output / "programs" / program / "main.swift", source)
        elif text.startswith("// swift-tools-version"):
            write(output / "packages" / file.stem / "Package.swift", text)
        elif text.startswith("dependencies:"):
            start = f'import PackageDescription\n#sourceLocation(file: "{name}", line: {line - 1})\nlet package = Package(\n'
            write(output / "packages" / file.stem / "Package.swift", f'{start}name: "tool", {text})\n')
        else:
            write(output / "modules" / re.sub(r"\W", "_", file.stem) / f"{line}.swift", "\n".join(imports + [source]))
            imports += [line for line in text.split("\n") if re.match(r"(public |internal )?import \w", line)]
