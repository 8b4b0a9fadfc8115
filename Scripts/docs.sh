#!/usr/bin/env bash
# Builds the documentation site from the doc comments and Documentation/swift-sockets.docc, without a network, into
# .build-docs/. A warning, such as a link that leads nowhere, is an error.
# From any directory: Scripts/docs.sh
set -euo pipefail
# shellcheck source=common.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

need_swift
need python3 command -v python3
need libbsd-dev test -e /usr/include/bsd/unistd.h
for tool in docc swift-symbolgraph-extract; do
  command -v "$tool" >/dev/null || stop "$tool is missing: it is part of the toolchain, beside swift"
done
build --quiet

site=$root/.build-docs
modules=$root/.build/debug/Modules
mkdir -- "$work/extracted" "$work/graphs"
for module in Sockets AsyncSockets SocketActivation ProxyProtocol; do
  [ -f "$modules/$module.swiftmodule" ] || stop "the build has no module $module"
  swift-symbolgraph-extract -module-name "$module" -I "$modules" \
    -target "$(uname -m)-unknown-linux-gnu" \
    -Xcc "-fmodule-map-file=$root/include/module.modulemap" \
    -Xcc "-fmodule-map-file=$root/CShims/libbsd/module.modulemap" \
    -minimum-access-level public -output-dir "$work/extracted"
done
# What the standard library gives to every type that is Equatable or an OptionSet is no news: it would fill the pages.
python3 - "$work/extracted" "$work/graphs" <<'END'
import json, pathlib, sys

extracted, graphs = map(pathlib.Path, sys.argv[1:])
for file in extracted.glob("*.symbols.json"):
    graph = json.loads(file.read_text())
    names = [symbol["identifier"]["precise"] for symbol in graph["symbols"]]
    # A member that a protocol gives to a type; the mangled names of our own protocols begin with a module of ours.
    inherited = {name for name in names if "::SYNTHESIZED::" in name and not name.startswith("s:7Sockets")}
    graph["symbols"] = [symbol for symbol in graph["symbols"] if symbol["identifier"]["precise"] not in inherited]
    graph["relationships"] = [link for link in graph["relationships"] if link["source"] not in inherited]
    (graphs / file.name).write_text(json.dumps(graph))
END
# On the site, what an article says of a file leads to the repository.
repository=https://github.com/swift-sockets/swift-sockets/blob/main
cp -R -- "$root/Documentation/swift-sockets.docc" "$work/swift-sockets.docc"
find "$work/swift-sockets.docc" -name '*.md' -exec sed -i "s|](\(\.\./\)\{3\}|]($repository/|g" {} +
rm -rf -- "$site"
docc convert "$work/swift-sockets.docc" --additional-symbol-graph-dir "$work/graphs" \
  --fallback-display-name swift-sockets --fallback-bundle-identifier swift-sockets \
  --fallback-default-module-kind Module --output-dir "$site" --warnings-as-errors \
  --source-service github --source-service-base-url "$repository" \
  --checkout-path "$root"
# The address alone leads to the first page.
cat >"$site/index.html" <<'END'
<!doctype html>
<meta http-equiv="refresh" content="0; url=documentation/swift-sockets/">
<title>swift-sockets</title>
<a href="documentation/swift-sockets/">swift-sockets</a>
END
echo "To read it: python3 -m http.server --bind 127.0.0.1 --directory $site 8080, and then http://127.0.0.1:8080/"
