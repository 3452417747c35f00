"""The one look of the gateway's own pages: no scripts, no fonts, nothing from elsewhere."""

from collections.abc import Sequence
from html import escape
from typing import Final

CSS: Final = """
:root{--ink:#17202a;--soft:#5b6875;--line:#dfe4ea;--paper:#fbfbfd;--card:#fff;--accent:#4a3aff;
--good:#0b7a4b;--warn:#9a6700;--bad:#b42318}
@media(prefers-color-scheme:dark){:root{--ink:#e7ebf0;--soft:#9aa7b4;--line:#2b3440;--paper:#10151c;
--card:#171e27;--accent:#9d93ff;--good:#4cc38a;--warn:#e3b341;--bad:#ff8a80}}
*{box-sizing:border-box}html{scroll-behavior:smooth;scroll-padding-top:1rem}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.55 system-ui,sans-serif}
main{max-width:66rem;margin:0 auto;padding:2rem 1.25rem 4rem}
h1{font-size:1.7rem;margin:0 0 .2rem}h2{font-size:1.2rem;margin:2.4rem 0 .6rem}
h3{font-size:1rem;margin:0}p{margin:.4rem 0}.soft{color:var(--soft)}a{color:var(--accent)}
code,pre{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,monospace}
pre{background:var(--paper);border:1px solid var(--line);border-radius:6px;padding:.7rem;
overflow-x:auto;margin:.5rem 0}
table{border-collapse:collapse;width:100%;background:var(--card);border:1px solid var(--line);
border-radius:8px;overflow:hidden}
th,td{text-align:left;padding:.5rem .75rem;border-top:1px solid var(--line);vertical-align:top}
thead th{border-top:0;color:var(--soft);font-weight:600;font-size:.85rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:.8rem 1rem;
margin:.6rem 0}
.badge{display:inline-block;min-width:3.6rem;text-align:center;border-radius:5px;
padding:.05rem .45rem;font:600 12px/1.6 ui-monospace,monospace;color:#fff;background:#57606a}
.get{background:#0b6e4f}.post{background:#4a3aff}.patch{background:#8a5a00}.delete{background:#b42318}
.SERVING,.closed{color:var(--good)}.NOT_SERVING,.half-open{color:var(--warn)}
.UNREACHABLE,.UNKNOWN,.open{color:var(--bad)}.dot::before{content:"\\25CF";margin-right:.4rem}
nav{display:flex;flex-wrap:wrap;gap:.4rem 1rem;margin:1rem 0}
summary{cursor:pointer;display:flex;gap:.7rem;align-items:baseline;flex-wrap:wrap}
details>*:not(summary){margin-left:.2rem}:target{outline:2px solid var(--accent)}
"""


def page(title: str, body: str) -> bytes:
    """Return a whole HTML page; `body` is HTML already."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{CSS}</style></head>"
        f"<body><main>{body}</main></body></html>"
    ).encode()


def table(headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Return a table; every cell is HTML already."""
    head = "".join(f"<th>{escape(text)}</th>" for text in headings)
    lines = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"
