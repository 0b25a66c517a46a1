"""What every page looks like: its style sheet, and the one line of script that opens the part a link points into."""

STYLE = """
:root{--bg:#fff;--fg:#1b1f24;--soft:#57606a;--line:#d0d7de;--card:#f6f8fa;--code:#eef1f4;--good:#116329;--goodbg:#d8f3df;
--bad:#a40e26;--badbg:#ffe0e0;--warn:#7d4e00;--warnbg:#fff1cc;--link:#0757ba;--dot:#0757ba}
@media (prefers-color-scheme:dark){:root{--bg:#0d1117;--fg:#e6edf3;--soft:#9aa5b1;--line:#30363d;--card:#161b22;--code:#1f2630;
--good:#7ee2a0;--goodbg:#0f3a21;--bad:#ff9c9c;--badbg:#4c1519;--warn:#f2cc60;--warnbg:#3d2e00;--link:#79b8ff;--dot:#79b8ff}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}
body{margin:0;background:var(--bg);color:var(--fg);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:56rem;margin:0 auto;padding:1rem}
h1{font-size:1.7rem;margin:.5rem 0}
h2{font-size:1.3rem;margin:2.2rem 0 .6rem;border-bottom:1px solid var(--line);padding-bottom:.2rem}
h3{font-size:1.05rem;margin:0 0 .4rem;overflow-wrap:anywhere}
p{margin:.5rem 0}.lead{font-size:1.05rem}.facts,figcaption{color:var(--soft);font-size:.9rem}
a{color:var(--link)}
.card{border:1px solid var(--line);background:var(--card);border-radius:8px;padding:.9rem 1rem;margin:1rem 0;min-width:0;
scroll-margin-top:.5rem}
.formula,.scroll{overflow-x:auto;max-width:100%}.formula{padding:.3rem 0}
math{font-size:1.08em}
details{margin:.45rem 0}summary{cursor:pointer;color:var(--link);padding:.15rem 0;overflow-wrap:anywhere}
pre{background:var(--code);border-radius:6px;padding:.7rem;overflow-x:auto;font-size:.82rem;line-height:1.45;margin:.3rem 0}
code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.92em}
li code,p code{background:var(--code);border-radius:4px;padding:.05em .3em;overflow-wrap:anywhere}
ul,ol{padding-left:1.2rem;margin:.4rem 0}li{margin:.3rem 0;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.35rem .6rem .35rem 0;
border-bottom:1px solid var(--line);vertical-align:top}
thead th{color:var(--soft);font-weight:600;font-size:.9rem}tbody th{font-weight:400;min-width:9rem}
.number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
dl{display:grid;grid-template-columns:minmax(6rem,max-content) 1fr;gap:.3rem .9rem;margin:.4rem 0}dd{margin:0}dt{min-width:0}
.chip{display:inline-block;border-radius:999px;padding:.02rem .55rem;font-size:.8rem;font-weight:600;white-space:nowrap;
background:var(--code);color:var(--soft)}
.proved,.certified,.searched,.sampled,.confirmed,.larger{background:var(--goodbg);color:var(--good)}
.chip.refuted,.wrong,.disagreement{background:var(--badbg);color:var(--bad)}
.chip.undecided,.needed,.not_checkable{background:var(--warnbg);color:var(--warn)}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr));gap:.6rem;margin:.6rem 0}
figure{margin:0;min-width:0;max-width:34rem}
svg.figure{width:100%;height:auto;display:block}svg.bar{width:60px;height:8px;vertical-align:middle}
svg text{fill:var(--soft);font:13px system-ui,sans-serif}
.grid{stroke:var(--line);stroke-width:.7}.bound{stroke:var(--fg);stroke-width:1.6}.worst{stroke:var(--bad);stroke-width:1.3;
stroke-dasharray:5 4}.dots{stroke:var(--dot);stroke-width:2.6;stroke-linecap:round;opacity:.55}
.track{fill:var(--code)}.fill{fill:var(--good)}.over{fill:var(--bad)}
rect.holds{fill:var(--goodbg)}rect.fails{fill:var(--badbg)}rect.undecided{fill:var(--warnbg)}
rect.box{stroke:var(--bg);stroke-width:.4}rect.box.holds{fill:var(--good)}rect.box.undecided{fill:var(--warn)}rect.box.fails{fill:var(--bad)}
.mark{stroke:var(--bad);stroke-width:1.4;fill:none}circle.mark{stroke:var(--warn);fill:var(--warn)}
.stated{stroke:var(--fg);stroke-width:1.6;stroke-dasharray:2 3}
@media (max-width:34rem){main{padding:.7rem}.card{padding:.75rem}dl{grid-template-columns:1fr;gap:.1rem}dd{margin:0 0 .5rem;
color:var(--soft)}svg text{font-size:17px}svg.bar,.wide{display:none}}
@media print{details>*{display:block}.card{break-inside:avoid}}
"""

_NAMESPACE = "http://www.w3.org/2000/svg"

SCRIPT = (
    "addEventListener('hashchange',()=>{const e=document.getElementById(location.hash.slice(1));"
    "for(let d=e;d;d=d.parentElement)if(d.tagName==='DETAILS')d.open=true})"
)


def alone(svg: str) -> str:
    """A figure of a page as a file of its own, which brings the page's colours.

    Examples
    --------
    >>> alone("<svg></svg>").startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    True
    """
    head, mark, rest = svg.partition(">")
    opened = head.replace("<svg", f'<svg xmlns="{_NAMESPACE}"', 1)
    return f"{opened}{mark}<style>{STYLE}</style>{rest}\n"
