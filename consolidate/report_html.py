"""Pieces of the report page: text that stays text, both languages at once, tables, and the look of it all."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence

from consolidate.csvfile import writable
from consolidate.messages import Messages, say

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_LONGEST = 600


def text(told: object, longest: int = _LONGEST) -> str:
    """Any text as HTML that shows it and does nothing else; what is very long is cut, what turns direction left out."""
    plain = _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", writable("" if told is None else str(told)))
    return html.escape(plain if len(plain) <= longest else plain[: longest - 1] + "…", quote=True)


def pair(vietnamese: str, english: str) -> str:
    """HTML in both languages, of which the page shows one."""
    if vietnamese == english:
        return vietnamese
    return f'<span class="vi" lang="vi">{vietnamese}</span><span class="en" lang="en">{english}</span>'


def both(messages: Messages, code: str, **details: object) -> str:
    """The sentence of a code in both languages, with its details as text; numbers as each language prints them."""
    told = [
        text(say(messages, code, lang, **{name: _shown(value, lang) for name, value in details.items()}))
        for lang in ("vi", "en")
    ]
    return pair(told[0], told[1])


def _shown(value: object, lang: str) -> object:
    return plain_number(value, lang) if isinstance(value, int | float) else value


def plain_number(value: float, lang: str) -> str:
    """A number with at most two decimals as a language prints it: 1.140,5 and 1,140.5."""
    shown = f"{value:,.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else f"{value:,}"
    return shown.translate(str.maketrans(",.", ".,")) if lang == "vi" else shown


def number(value: float) -> str:
    """A number in both languages."""
    return pair(plain_number(value, "vi"), plain_number(value, "en"))


def table(name: str, heads: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int] = ()) -> str:
    """A table that scrolls by itself; ``heads`` and cells are HTML, ``right`` the columns with figures."""
    side = [' class="n"' if at in right else "" for at in range(len(heads))]
    head = "".join(f'<th scope="col"{side[at]}>{told}</th>' for at, told in enumerate(heads))
    body = "".join(
        "<tr>" + "".join(f"<td{side[at]}>{told}</td>" for at, told in enumerate(row)) + "</tr>\n" for row in rows
    )
    return scroll(name, f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table>")


def scroll(name: str, inner: str) -> str:
    """A part of the page that scrolls sideways by itself, also by keyboard."""
    return f'<div class="scroll" role="region" tabindex="0" aria-labelledby="{name}">{inner}</div>\n'


def section(name: str, title: str, lead: str, body: str) -> str:
    """A section with its heading and what it is about."""
    return (
        f'<section id="{name}" aria-labelledby="{name}-h"><h2 id="{name}-h">{title}</h2>\n'
        f'<p class="lead">{lead}</p>\n{body}</section>\n'
    )


def more(messages: Messages, left_out: int, file: str) -> str:
    """What is said where a table was cut; "" where it was not."""
    return f'<p class="more">{both(messages, "page_more", count=left_out, file=file)}</p>\n' if left_out > 0 else ""


def bar(share: float) -> str:
    """A share (0 to 1) as a bar; it says nothing that is not said beside it."""
    return f'<span class="bar" aria-hidden="true"><i style="width:{100 * share:.1f}%"></i></span>'


STYLE = """
:root{--ink:#1c2733;--soft:#5a6775;--line:#d8dee6;--paper:#fff;--ground:#f3f5f8;--brand:#8c1d2f;--brand2:#f6e9eb;
--missing:#f3b4b4;--late:#ffe08a;--partial:#fdf0c4;--resubmitted:#bcd7f5;--submitted:#bfe3c0}
*{box-sizing:border-box}
html{scroll-behavior:smooth;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,"Segoe UI",Roboto,"Noto Sans",Arial,
sans-serif}
.en{display:none}#lang-en:checked~* .en{display:inline}#lang-en:checked~* .vi{display:none}
.pick{position:absolute;opacity:0;width:1px;height:1px}
header{background:var(--brand);color:#fff;padding:26px max(20px,calc(50vw - 600px)) 20px}
header h1{margin:0;font-size:1.75rem;line-height:1.25}header p{margin:.35em 0 0;opacity:.92;max-width:60em}
.switch{float:right;display:flex;border:1px solid #ffffff88;border-radius:8px;overflow:hidden;margin-left:16px}
.switch label{padding:5px 12px;cursor:pointer;font-size:.9rem}
#lang-vi:checked~header .v,#lang-en:checked~header .e{background:#fff;color:var(--brand);font-weight:600}
#lang-vi:focus-visible~header .v,#lang-en:focus-visible~header .e{outline:3px solid #ffd866;outline-offset:-3px}
nav{position:sticky;top:0;z-index:3;background:#fff;border-bottom:1px solid var(--line);padding:0 max(12px,
calc(50vw - 608px));display:flex;gap:2px;overflow-x:auto;white-space:nowrap}
nav a{color:var(--ink);text-decoration:none;padding:11px 10px;font-size:.93rem;border-bottom:3px solid transparent}
nav a:hover{border-color:var(--brand)}a:focus-visible,.scroll:focus-visible,summary:focus-visible{outline:3px solid
#2f6fde;outline-offset:-2px}
main{max-width:1200px;margin:0 auto;padding:20px 16px 60px}
section{background:var(--paper);border:1px solid var(--line);border-radius:12px;padding:20px 22px;margin:0 0 20px;
scroll-margin-top:56px}
h2{margin:0;font-size:1.3rem}h3{margin:1.3em 0 .5em;font-size:1.03rem}.lead{margin:.3em 0 1em;color:var(--soft);
max-width:72em}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(165px,1fr));gap:12px;margin:0 0 20px}
.tile{background:#fff;border:1px solid var(--line);border-radius:12px;padding:14px 16px;text-decoration:none;
color:inherit;border-top:4px solid var(--line)}.tile b{display:block;font-size:1.9rem;line-height:1.15;
font-variant-numeric:tabular-nums}.tile>span{font-size:.92rem;color:var(--soft)}
.tile.good{border-top-color:#4d9a5b}.tile.warn{border-top-color:#d9a400}.tile.bad{border-top-color:#c33c3c}
.scroll{overflow:auto;max-height:560px;border:1px solid var(--line);border-radius:8px}
table{border-collapse:separate;border-spacing:0;width:100%;font-size:.92rem}
th,td{padding:7px 10px;text-align:left;vertical-align:top;border-bottom:1px solid var(--line);unicode-bidi:isolate;
overflow-wrap:anywhere;min-width:5em}td:first-child{min-width:9em}
thead th{position:sticky;top:0;z-index:1;background:#eef1f5;font-weight:600;overflow-wrap:normal}
tbody tr:hover td{background:#f8fafc}.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.path{color:var(--soft);font-size:.86rem}.more{color:var(--soft);font-size:.9rem;margin:.6em 0 0}
.bar{display:inline-block;width:90px;height:9px;border-radius:5px;background:#e6eaf0;margin-right:8px;
vertical-align:middle;overflow:hidden}.bar i{display:block;height:100%;background:#3f7f6c}
.stack{display:flex;height:22px;border-radius:7px;overflow:hidden;margin:0 0 10px;background:#e6eaf0}
.stack i{display:block;min-width:2px}.key{display:flex;flex-wrap:wrap;gap:4px 18px;margin:0 0 12px;padding:0;
list-style:none;font-size:.92rem}.key i{display:inline-block;width:13px;height:13px;border-radius:3px;margin-right:6px;
vertical-align:-2px;border:1px solid #0002}
.heat td,.heat th{min-width:0}.heat td.s{text-align:center;padding:5px 6px;border-left:1px solid #fff;
border-bottom:1px solid #fff;min-width:5.2em;font-size:.82rem;white-space:nowrap}.heat tbody th{position:sticky;left:0;
background:#fff;font-weight:400;min-width:15em;z-index:1;border-right:1px solid var(--line)}
.heat thead th{text-align:center}.heat thead th:first-child{left:0;z-index:2;text-align:left}
.missing{background:var(--missing)}.late{background:var(--late)}.partial{background:var(--partial)}
.resubmitted{background:var(--resubmitted)}.submitted{background:var(--submitted)}
.heat td small{display:block;color:#0009}
.cards{display:grid;gap:12px;grid-template-columns:repeat(auto-fill,minmax(min(100%,500px),1fr))}
.row{border:1px solid var(--line);border-radius:10px;padding:12px 14px;min-width:0;break-inside:avoid}
.row h3{margin:0 0 2px;font-size:1rem;unicode-bidi:isolate}.row .times{float:right;background:var(--brand2);
color:var(--brand);border-radius:20px;padding:1px 10px;font-size:.86rem;font-weight:600;margin-left:10px}
.row p{margin:2px 0;font-size:.92rem}.row .source{margin:8px 0;overflow-x:auto}.row img{max-width:none;display:block;
border:1px solid var(--line);border-radius:4px}.row .cells td{border:1px solid var(--line);background:#fcfcf7}
.row ul{margin:6px 0 0;padding-left:20px;font-size:.92rem}code{font:.92em ui-monospace,Consolas,monospace;
background:#f1f3f6;border-radius:4px;padding:0 4px}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(300px,1fr));gap:16px}
figure{margin:0;border:1px solid var(--line);border-radius:10px;padding:12px 14px;break-inside:avoid}
figcaption{font-size:.92rem;font-weight:600;line-height:1.35}figcaption small{display:block;font-weight:400;
color:var(--soft)}svg{display:block;width:100%;height:auto}svg text{font:11px system-ui,sans-serif;fill:#5a6775}
svg text.v{fill:#1c2733;font-weight:600}
details{margin:12px 0 0}summary{cursor:pointer;padding:6px 0;font-weight:600}.none{color:var(--soft);margin:0}
footer{max-width:1200px;margin:0 auto;padding:0 18px 40px;color:var(--soft);font-size:.88rem}
.skip{position:absolute;left:-9999px}.skip:focus{left:8px;top:8px;background:#fff;padding:8px;z-index:9}
@media(max-width:640px){section{padding:16px 13px}main{padding:14px 9px 40px}header h1{font-size:1.35rem}
.tile b{font-size:1.5rem}.tiles{grid-template-columns:1fr 1fr}.heat tbody th{min-width:9.5em}}
@media(prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
@media print{body{background:#fff;font-size:10pt}nav,.switch,.skip{display:none}header{background:#fff;color:#000;
padding:0 0 10px}main{max-width:none;padding:0}section,.tile{border-color:#bbb;break-inside:auto}
.scroll{max-height:none;overflow:visible;border:0}thead{display:table-header-group}
thead th,.heat tbody th{position:static}
tr{break-inside:avoid}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}@page{size:A4 landscape;margin:12mm}}
"""

SCRIPT = """
(function(){var e=document.getElementById('lang-en'),v=document.getElementById('lang-vi'),r=document.documentElement;
function set(){r.lang=e.checked?'en':'vi';document.title=r.getAttribute('data-'+r.lang)}
if(location.hash==='#en'){e.checked=true}
e.addEventListener('change',set);v.addEventListener('change',set);set();
addEventListener('beforeprint',function(){document.querySelectorAll('details').forEach(function(d){d.open=true})})})();
"""
