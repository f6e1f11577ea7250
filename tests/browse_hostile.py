"""A page that tries everything on its reader, captured twice, with its picture and style sheet."""

import base64
from pathlib import Path

from cabinet import answer, members, record

OUTSIDE = "outside.invalid"
PORTAL = "http://kkt.kontum.gov.vn"
URL = f"{PORTAL}/canh-giac-voi-trang-doc-hai.p-9001.html"
SLUG = "canh-giac-voi-trang-doc-hai"
LINKED = f"{PORTAL}/trang-duoc-lien-ket.p-9002.html"
TITLE = '<script>window.ran=1</script> & <img src=x onerror="window.ran=2"> cảnh giác'
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SHEET = f"""@import url("http://{OUTSIDE}/sheet.css");
body {{ background: url(http://{OUTSIDE}/b.png) }}
p {{ color: rgb(1, 2, 3) }}"""


def _escaped(text: str) -> str:
    return (
        text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    )


def page(more: str = "") -> str:
    """The page; `more` is a paragraph of its text."""
    out = f"http://{OUTSIDE}"
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><base href="{out}/">
<base target="_blank">
<title>{_escaped(TITLE)}</title><script>window.ran=3; document.location="{out}/script"</script>
<script src="{out}/script.js"></script><link rel="stylesheet" href="{PORTAL}/site.css">
<link rel="prefetch" href="{out}/prefetch"><link rel="dns-prefetch" href="//{OUTSIDE}">
<link rel="icon" href="{out}/icon.png"><style>@import '{out}/a.css';
@font-face {{ font-family: x; src: url({out}/font.woff) }} h1 {{ font-family: x }}</style></head>
<body onload="window.ran=4" background="{out}/body.png">
<h1 onclick="window.ran=5" onmouseover="window.ran=6">{_escaped(TITLE)}</h1>
<p>Ngày 09/5/2024 08:30</p><meta http-equiv="refresh" content="0;url={out}/refresh">
<div class="content">
<p style="background: url({out}/style.png)">Sáng nay cơ quan chức năng cảnh giác người dân về những
trang độc hại đang phát tán trên mạng, kèm theo đoạn mã {_escaped("<script>window.ran=7</script>")}
được viết thẳng trong bài để thử người đọc.</p>
<p>Theo thông báo, người dân không nên bấm vào liên kết lạ, không cung cấp mật khẩu và phải báo
ngay cho chính quyền địa phương nơi gần nhất khi phát hiện.</p>
<p>Cơ quan chức năng đã phối hợp với các đơn vị liên quan rà soát, gỡ bỏ nhiều trang giả mạo cổng
thông tin của tỉnh, đồng thời hướng dẫn người dân cách nhận biết địa chỉ chính thức.</p>{more}
<p><a id="js" href="javascript:window.ran=8">bấm vào đây</a>
<a id="data" href="data:text/html,<script>window.ran=9</script>">dữ liệu</a>
<a id="next" href="{LINKED}" ping="{out}/ping" onclick="window.ran=10">trang khác</a>
<a id="away" href="{out}/away">trang ngoài</a></p>
<img id="own" src="{PORTAL}/anh.png" alt="ảnh"><img src="{out}/outside.png" onerror="window.ran=11">
<img srcset="{out}/set.png 2x" src="x"><iframe src="{out}/frame"></iframe>
<iframe srcdoc="<script>parent.ran=12</script>"></iframe>
<form action="{out}/form"><input name="q" autofocus onfocus="window.ran=13">
<button id="send" formaction="javascript:window.ran=14">gửi</button></form>
<svg xmlns="http://www.w3.org/2000/svg" onload="window.ran=15"><script>window.ran=16</script>
<image href="{out}/svg.png"/><a xlink:href="javascript:window.ran=17"><text y="9">svg</text></a>
<animate attributeName="href" values="javascript:window.ran=18"/></svg>
<object data="{out}/object"></object><embed src="{out}/embed"><video src="{out}/video" autoplay>
</video><audio src="{out}/audio" autoplay></audio><details open ontoggle="window.ran=19"></details>
</div></body></html>"""


def linked() -> str:
    """A quiet page that the first one links."""
    text = "Trang được liên kết có một đoạn văn đủ dài để là một bài viết của cổng thông tin. " * 4
    return (
        '<!DOCTYPE html><html><head><meta charset="utf-8"><title>Trang được liên kết</title></head>'
        f'<body><h1>Trang được liên kết</h1><div class="content"><p>{text}</p></div></body></html>'
    )


def write(path: Path) -> None:
    """All of it as one WARC file; the page is captured again a day later with more text."""
    html = (("Content-Type", "text/html; charset=utf-8"),)
    css = (("Content-Type", "text/css"),)
    more = (
        "<p>Bản thứ hai có thêm một đoạn: <b>&lt;img src=x onerror=alert(1)&gt;</b> xin lưu ý.</p>"
    )
    captures = [
        (URL, "2024-05-09T08:30:00Z", page().encode(), html),
        (URL, "2024-05-10T08:30:00Z", page(more).encode(), html),
        (LINKED, "2024-05-09T08:31:00Z", linked().encode(), html),
        (f"{PORTAL}/anh.png", "2024-05-09T08:32:00Z", PICTURE, (("Content-Type", "image/png"),)),
        (f"{PORTAL}/site.css", "2024-05-09T08:33:00Z", SHEET.encode(), css),
    ]  # fmt: skip
    records = [
        record(url=url, date=date, block=answer(body, fields=fields))
        for url, date, body, fields in captures
    ]
    path.write_bytes(members(*records))
