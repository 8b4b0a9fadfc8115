"""Bar charts as SVG."""

from html import escape

_BAR, _GAP, _LABELS, _BARS, _MARGIN, _HEAD = 16, 6, 190, 420, 20, 30
_OURS, _THEIRS, _INK, _RULE = "#d9480f", "#868e96", "#212529", "#ced4da"


def bars(title, servers, found):
    """A panel for each workload, with a bar for each server: as long as its ratio, with a line at 1."""
    panels, top = [], _MARGIN + _HEAD
    for workload, results in found.items():
        panel, height = _panel(workload, {server.name: results[server.name] for server in servers}, top)
        panels.append(panel)
        top += height
    width = _LABELS + _BARS + 4 * _MARGIN + 40
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{top}" viewBox="0 0 {width} {top}" '
        f'font-family="system-ui, sans-serif" font-size="12" fill="{_INK}">\n'
        f'<rect width="100%" height="100%" fill="white"/>\n'
        f'{_text(_MARGIN, _MARGIN + 8, title, size=15)}\n' + "\n".join(panels) + "\n</svg>\n"
    )


def _panel(workload, results, top):
    measured = {name: cell for name, cell in results.items() if hasattr(cell, "median")}
    longest = max([1.0, *(cell.median for cell in measured.values())])
    left = _MARGIN + _LABELS
    y = top + 22
    one, bottom = left + _BARS / longest, y + len(results) * (_BAR + _GAP)
    parts = [
        _text(_MARGIN, top + 12, workload, weight="bold"),
        f'<line x1="{one:.1f}" x2="{one:.1f}" y1="{y - 4}" y2="{bottom}" stroke="{_RULE}"/>',
    ]
    for name, cell in results.items():
        middle = y + _BAR / 2 + 4
        parts.append(_text(left - 8, middle, name, anchor="end"))
        if name in measured:
            length = _BARS * cell.median / longest
            fill = _OURS if name.startswith("Sockets") else _THEIRS
            parts.append(f'<rect x="{left}" y="{y}" width="{length:.1f}" height="{_BAR}" fill="{fill}"/>')
            parts.append(_text(left + length + 6, middle, f"{cell.median:.2f}"))
        else:
            parts.append(_text(left + 6, middle, "failed" if isinstance(cell, str) else "–"))
        y += _BAR + _GAP
    return "\n".join(parts), bottom - top + _MARGIN


def _text(x, y, text, anchor="start", size=12, weight="normal"):
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}" '
        f'stroke="white" stroke-width="3" paint-order="stroke">'
        f"{escape(text)}</text>"
    )
