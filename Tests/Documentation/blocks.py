"""Takes the blocks of Swift out of Markdown files, for the compiler: blocks.py OUTPUT ROOT FILE...

Those of one file are one module, OUTPUT/modules/<file>/, in which a block may use what an earlier one has imported and
declared. Others are on their own:

- behind a line `<!-- program: NAME -->` a whole program, OUTPUT/programs/NAME/main.swift;
- behind `<!-- refused: TEXT -->` what the compiler refuses with a message that has this text,
  OUTPUT/refuseds/<file>-<line>/, with the text in a file `message`;
- what begins with `// swift-tools-version` a package, OUTPUT/packages/<file>/Package.swift;
- blocks of C and configurations of HAProxy, OUTPUT/c/<file>-<line>.c and OUTPUT/haproxy/<file>-<line>.haproxy.

Those in the comments of a Swift file are a few lines in the middle of something: each is the body of a function,
OUTPUT/comments/<file>-<line>/, whose parameters are what such lines take for granted (CONTEXTS).

The compiler is told where each comes from, so that it names the article and the line.
"""

import pathlib
import re
import sys

output, root, *files = map(pathlib.Path, sys.argv[1:])


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def blocks(lines):
    """Each block: the number of its first line, its language, its text, and the kind and text of its marker."""
    start = language = marker = None
    for number, line in enumerate(lines, 1):
        if start is None and (found := re.fullmatch(r"<!-- (program|refused): (.+) -->", line)):
            marker = found.groups()
        elif start is None and line.startswith("```"):
            start, language = number + 1, line[3:]
        elif line == "```":
            yield start, language, "\n".join(lines[start - 1 : number - 1]) + "\n", marker
            start = marker = None
        elif start is None and (line and marker or re.match(r"[>\s]+```swift", line)):
            sys.exit(f"{file}:{number}: a block of Swift stands at the beginning of a line, behind its marker")


# What the lines in the comments of a module may use, as parameters of a function.
HOST = "struct HostLoop { func wait(for _: Int32) {} }"
BYTES = "page: SharedBytes, header: inout [UInt8], body: inout [UInt8], bytes: inout MutableSpan<UInt8>"
CONTEXTS = {
    "Sockets": f"socket: consuming Socket, listener: borrowing Socket, client: borrowing Socket, server: borrowing Socket, "
    f"accepted: consuming Accepted, endpoint: Endpoint, {BYTES}",
    "AsyncSockets": "loop: EventLoop, listener: Listener, connection: Connection, address: SocketAddress, "
    "host: HostLoop",
    "SocketActivation": "serve: (consuming Socket) -> Void",
}


def comment_blocks(lines):
    """Each block of Swift in the comments of a file: the number of its first line, and its text."""
    text = None
    for number, line in enumerate(map(str.strip, lines), 1):
        if line == "/// ```swift":
            start, text = number + 1, []
        elif text is not None and line == "/// ```":
            yield start, "".join(f"{line}\n" for line in text)
            text = None
        elif text is not None:
            text.append(line.removeprefix("///").removeprefix(" "))


def write_comments(file, name):
    module = pathlib.Path(name).parts[1]
    for line, text in comment_blocks(file.read_text().split("\n")):
        imports = "".join(f"import {name}\n" for name in dict.fromkeys(["Sockets", module]))
        # The reader's own business.
        text = text.replace("…", "")
        write(
            output / "comments" / f"{file.stem}_{line}" / "block.swift",
            f'{imports}func block({CONTEXTS[module]}) async throws {{\n'
            f'#sourceLocation(file: "{name}", line: {line})\n{text}}}\n{HOST}\n',
        )


for file in files:
    name = str(file.relative_to(root))
    if file.suffix == ".swift":
        write_comments(file, name)
        continue
    module = re.sub(r"\W", "_", file.stem)
    imports = []
    for line, language, text, marker in blocks(file.read_text().split("\n")):
        if language in ("c", "haproxy"):
            write(output / language / f"{file.stem}-{line}.{language}", text)
        if language != "swift":
            continue
        source = f'#sourceLocation(file: "{name}", line: {line})\n{text}'
        kind, note = marker or (None, None)
        if kind == "program":
            write(output / "programs" / note / "main.swift", source)
        elif kind == "refused":
            block = output / "refuseds" / f"{module}_{line}"
            write(block / "block.swift", "\n".join(imports + [source]))
            write(block / "message", note)
        elif text.startswith("// swift-tools-version"):
            write(output / "packages" / file.stem / "Package.swift", text)
        elif text.startswith("dependencies:"):
            start = f'import PackageDescription\n#sourceLocation(file: "{name}", line: {line - 1})\nlet package = Package(\n'
            write(output / "packages" / file.stem / "Package.swift", f'{start}name: "tool", {text})\n')
        else:
            write(output / "modules" / module / f"{line}.swift", "\n".join(imports + [source]))
        if kind != "program" and "import PackageDescription" not in text:
            imports += [line for line in text.split("\n") if re.match(r"(public |internal )?import \w", line)]
