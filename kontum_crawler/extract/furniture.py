"""What stands around an article: words in class names, cue lines, blocks repeated over a host.

Class and id words and cue lines are those of content management systems in general, English and
Vietnamese; what is special to a portal belongs into its TOML file. `HostKnowledge` learns what
stands on most pages of a host, which is therefore part of none of its articles.
"""

import re
from collections import Counter
from functools import lru_cache

# Whole words of class and id attributes; an attribute is cut at case changes, digits and signs.
# The firm ones name furniture on nearly every page that has them; the loose ones are also words of
# layouts around whole articles, so a large share of the page's prose acquits them.
_FIRM = """
    comment comments commentlist disqus livefyre respond reply replies related relateds
    recommend recommended recommendation recommendations recirc outbrain taboola zergnet
    trending popular mostread newsletter newsletters breadcrumb breadcrumbs crumbs navbar
    menu submenu footer addthis sharethis sharedaddy sharebar sharetools signup login signin
    cookie cookies gdpr consent popup byline bylines avatar taglist caption captions
    figcaption credit credits copyright rating ratings vote votes searchbox noprint tooltip
    dateline timestamp pubdate postmeta promo promos sponsored jetpack lienquan binhluan
    tukhoa chiase quangcao docnhieu xemnhieu tinmoi tinkhac danhgia luotxem
"""
_LOOSE = """
    ad ads adv advert advertisement advertising adsense dfp sponsor promoted promotion
    banner nav navigation navi sidebar sidebars rail masthead toolbar pagination pager
    paging share shares sharing social socials subscribe subscription modal overlay widget
    widgets author authors bio tags keywords disclaimer search hidden printonly metadata
    carousel slideshow teaser teasers prev previous next
"""
_DISCUSSION = "comment comments commentlist disqus livefyre binhluan"
DISCUSSION, FIRM, LOOSE = -3, -2, -1
_DISCUSSION_WORDS = frozenset(_DISCUSSION.split())
_FIRM_WORDS = frozenset(_FIRM.split())
_LOOSE_WORDS = frozenset(_LOOSE.split())

# Runs of words that only together mean furniture, in the cut and hyphen-joined attribute.
_FURNITURE_RUNS = re.compile(
    r"""(?:^|-)(?:
      read-(?:more|next|also)|also-read|see-also|more-(?:news|stories|from|on|articles|posts|in)
    | (?:most|top)-(?:read|popular|viewed|shared|commented)|you-(?:may|might)|may-like|dont-miss
    | (?:latest|other|next|prev|previous|similar|further)-(?:news|posts?|articles?|stories|story)
    | side-(?:bar|col|column)|screen-reader|visually-hidden|sr-only|skip-link|site-(?:header|footer)
    | (?:post|entry|article|story|content|news)-(?:meta|info|tags?|footer|date|time|author|share
      |nav)
    | (?:tin|bai|bai-viet|tin-bai|news)-(?:lien-quan|khac|moi|cu|hot|noi-bat|cung-chuyen-muc)
    | lien-quan|binh-luan|tu-khoa|chia-se|quang-cao|(?:doc|xem)-nhieu|danh-gia|luot-(?:xem|doc)
    | chuyen-muc-khac|cung-chuyen-muc|y-kien|the-tin|tag-(?:list|cloud|links)|post-nav
    | d-(?:none|print)|print-only|sign-up|log-in|call-to-action|cta|fb-(?:like|comments|share)
    | photo-(?:credit|by)
    | image-(?:credit|caption|info|source)|media-(?:caption|credit)|wp-caption-text
    | in-article-(?:ad|promo)|article-(?:ad|ads)|trinity|inline-(?:promo|related)
    )(?:-|$)""",
    re.VERBOSE,
)

_BODY_NAMES = re.compile(
    r"(?:article|story|post|entry|news|main|page|single|detail|blog|text|bai|tin)-?"
    r"(?:body|content|text|main|full|detail|noi-dung|viet)"
    r"|(?:^|-)(?:body|bodytext|noidung|noi-dung)(?:-|$)"
    r"|articlebody|detail-content|content-(?:detail|body|main|article|text)|fck"
)

# A box that cuts what juts out of it is not a hidden one.
_CLIPPED = re.compile(r"overflow-?(?:[xy]-?)?hidden", re.IGNORECASE)
_WORD = re.compile(r"[A-Z]+[a-z]*|[a-z]+")


@lru_cache(maxsize=8192)
def name_kind(names: str) -> int:
    """What a class and id attribute says.

    -3 readers' comments, -2 other furniture for certain, -1 perhaps, 1 the body of an article,
    0 nothing.
    """
    if "flow" in names.lower():
        names = _CLIPPED.sub(" ", names)
    joined = "-".join(_WORD.findall(names)).lower()
    words = joined.split("-")
    if not _DISCUSSION_WORDS.isdisjoint(words):
        return DISCUSSION
    if not _FIRM_WORDS.isdisjoint(words):
        return FIRM
    if not _LOOSE_WORDS.isdisjoint(words) or _FURNITURE_RUNS.search(joined):
        return LOOSE
    return 1 if _BODY_NAMES.search(joined) else 0


_BOXES = """
    share shares sharing sharethis addthis addtoany sharedaddy social socials related relateds
    yarpp lienquan comments binhluan respond rating ratings ratingbox toc newsletter subscribe
    tinkhac tinlienquan breadcrumb breadcrumbs heateor
"""
_BOX_WORDS = frozenset(_BOXES.split())
_BOX_RUNS = re.compile(
    r"(?:^|-)(?:lien-quan|tin-khac|author-box|fb-like|post-views|binh-luan)(?:-|$)"
)


@lru_cache(maxsize=8192)
def names_box(names: str) -> bool:
    """True for a class and id attribute of a box that is no text wherever it stands in a body."""
    joined = "-".join(_WORD.findall(names)).lower()
    return not _BOX_WORDS.isdisjoint(joined.split("-")) or bool(_BOX_RUNS.search(joined))


LONGEST_CUE = 340
"""Characters of the longest line that the two expressions below are about."""

# A line after which nothing of the article follows.
END_CUE = re.compile(
    r"""^\W{0,3}(?:
      (?:các|những)\s(?:tin|bài|bài\sviết|tin,?\sbài)\s(?:khác|liên\squan|mới(?:\shơn)?
      |cũ(?:\shơn)?|đã\sđưa|cùng\s\S+)
    | (?:tin|bài|bài\sviết|tin,?\sbài|tin\stức)\s(?:liên\squan|khác|mới\snhất|cùng\schuyên\smục
      |đọc\snhiều|nổi\sbật)
    | chuyên\smục\skhác | cùng\schuyên\smục | ý\skiến\s(?:bạn\sđọc|của\sbạn) | (?:gửi\s)?bình\sluận
    | viết\sbình\sluận | (?:theo\sdòng\ssự\skiện) | (?:xem|đọc)\snhiều | có\sthể\sbạn\squan\stâm
    | related\s(?:articles?|stories|posts?|news|content|topics|coverage|links)
    | (?:more|other)\s(?:news|stories|articles|posts)(?:\s(?:from|on|in|about)\b.*)?
    | you\s(?:may|might)\salso\s(?:like|enjoy|be\sinterested\sin).*
    | recommended(?:\sfor\syou|\sstories)?
    | (?:\d+\s)?(?:comments?|replies)(?:\s\(?\d+\)?)? | leave\sa\s(?:reply|comment)
    | post\sa\scomment
    | (?:most|trending)\s(?:read|popular|viewed|now|stories) | what\sto\sread\snext | read\snext
    | about\sthe\sauthors? | join\sthe\s(?:conversation|discussion).* | share\sthis(?:\s\w+)?
    )\s*[:.…»>]*$""",
    re.VERBOSE | re.IGNORECASE,
)

# A line that is never text of an article, wherever it stands.
FURNITURE_LINE = re.compile(
    r"""^\W{0,3}(?:
      (?:số\s)?lượt\s(?:xem|đọc|truy\scập)\b.{0,20} | từ\skhóa\b.{0,200} | từ\skhoá\b.{0,200}
    | tags?\s*:.{0,300}
    | in(?:\s(?:trang(?:\snày)?|bài(?:\sviết)?(?:\snày)?|ra|tin(?:\snày)?|nội\sdung))?
    | (?:xem\s)?(?:phiên\s)?bản\s(?:in|để\sin|dễ\sin) | lưu\s(?:tin|bài|trang)(?:\s\S+)?
    | (?:thích|like|zalo|pdf)(?:\s(?:\d+|chia\ssẻ|zalo|tweet))?
    | gửi\s(?:email|mail|bài|phản\shồi|cho\sbạn|bạn\sbè).{0,30}
    | chia\ssẻ.{0,30}
    | (?:trở\s(?:về|lại|lên)|về)\s(?:trang\s\S+|đầu\strang|trước)? | quay\slại | lên\sđầu\strang
    | cỡ\schữ.{0,20} | a[-+]\sa(?:\sa[-+])?.{0,60} | (?:tăng|giảm)\stương\sphản.{0,40}
    | đóng\scửa\ssổ.{0,10}
    | đánh\sgiá\sbài\sviết.{0,60} | (?:click|nhấp|bấm|kích).{0,12}đánh\sgiá.{0,30}
    | tổng\ssố\sđiểm.{0,80}
    | xếp\shạng\s*:.{0,40} | file\sđính\skèm | tệp\s(?:tin\s)?đính\skèm | lượt\sxem\s*:.{0,12}
    | đăng\snhập.{0,20} | (?:bình\schọn|thăm\sdò(?:\sý\skiến)?|biểu\squyết)\s*:.{0,120}
    | (?:read|see|watch|hear|listen|learn)\s(?:more|also|now|next|on)\b\s*[:–—>».|].{0,160}
    | also\s(?:read|see|on).{0,160}
    | (?:related|recommended|more)\s*:.{0,200} | read\smore.{0,12} | continue\sreading.{0,80}
    | story\scontinues.{0,20}
    | (?:advertisement|advertisements|sponsored|ad|anzeige|publicidad|loading|scroll)(?:\s.{0,30})?
    | (?:share|tweet|email|print|pin|save|copy\slink|facebook|twitter|whatsapp|linkedin
      |reddit)(?:\s.{0,24})?
    | (?:follow|like)\s(?:us|me|him|her|@|the).{0,140} | sign\sup\s(?:for|to|here|now).{0,200}
    | subscribe(?:\s.{0,120})? | click\shere\s(?:to|for).{0,120} | enter\syour\semail.{0,60}
    | photo(?:s|graph)?\s*(?:by|credit|courtesy|:).{0,120}
    | image\s(?:credit|source|courtesy|via)?\s*:.{0,120}
    | (?:copyright|©).{0,160} | all\srights\sreserved.{0,60}
    | (?:last\s)?(?:updated|published|posted)\s*(?:on|at|:).{0,60}
    | get\s.{1,80}\s(?:delivered|in\syour\sinbox|to\syour\sinbox).{0,120}
    | (?:you\shave\sbeen\ssuccessfully|thank(?:s|\syou)\sfor)\ssubscrib.{0,80} | adverts?
    | (?:there\swas\sa\sproblem|something\swent\swrong).{0,120} | tell\sus\swhat\syou\sthink.{0,20}
    | image\s\d+\sof\s\d+ | don'?t\smiss.{0,3} | explore\sfurther | caption | close | play\svideo
    | (?:post|add|write)\s(?:a\s)?comments?.{0,6}
    | (?:join|start)\sthe\s(?:conversation|discussion).{0,20}
    | (?:related|story)\s(?:tags?|topics?|roundup|links?).{0,60} | first\spublished\s*:.{0,60}
    | like\sthis\s(?:story|article|post)\?.{0,80} | have\sa\s(?:news\s)?tip.{0,160}
    | \d+\s(?:shares?|comments?|views?|min(?:ute)?s?\sread)
    )\s*$""",
    re.VERBOSE | re.IGNORECASE,
)


# A line near the foot of an article that is about the article, its writers or the outlet.
CREDIT_LINE = re.compile(
    r"""^\W{0,3}(?:
      (?:reporting|writing|editing|additional\sreporting)\sby\b.{0,400}
    | .{0,200}\bcontributed\sto\sth(?:is|e)\s(?:report|story|article|post).{0,40}
    | (?:follow|email|e-mail|contact|reach)\s.{0,200}(?:@|\btwitter\b|\bfacebook\b|https?:).{0,200}
    | (?:get|follow|read|see|more)\s.{0,160}https?://.{0,160} | with\s(?:\w+\s){0,3}wires
    | citation\s*:.{0,400} | this\s(?:document|article)\sis\ssubject\sto\scopyright.{0,400}
    | (?:\w+\sis\s)?committed\sto\spublishing\sa\sdiversity\sof\sletters.{0,400}
    )$""",
    re.VERBOSE | re.IGNORECASE,
)
AUTHOR_NOTE = re.compile(
    r"^(?:[A-ZĐ][\w.’'-]+\s+){1,4}(?:,[^,]{1,60},\s+)?(?:is|was)\s+(?:an?|the|\w+['’]s)\b.{0,120}\b"
    r"(?:writer|reporter|editor|correspondent|columnist|author|journalist|contributor|curator|fellow"
    r"|researcher|professor|freelancer|blogger|producer)\b"
)
# A picture's line that was left in the text: its credit stands in brackets at the end.
PICTURE_LINE = re.compile(
    r"\((?:image|photo|picture|pic|foto|ảnh|bild|credit|source|nguồn)s?(?:\s(?:credit|by|courtesy))?"
    r"\s*:[^()]{1,60}\)\W*$",
    re.IGNORECASE,
)


class HostKnowledge:
    """Which blocks of text stand on many pages of a host, kept as counts of folded lines."""

    def __init__(self, share: float = 0.5, least: int = 4) -> None:
        """A line counts as furniture on at least `least` pages and `share` of the pages seen."""
        self.share = share
        self.least = least
        self.pages = 0
        self._seen: Counter[str] = Counter()

    def learn(self, lines: list[str]) -> None:
        """Count the blocks of one page; a block repeated within the page counts once."""
        self.pages += 1
        self._seen.update({_fold(line) for line in lines})

    def is_furniture(self, line: str) -> bool:
        """Whether this block stands on so many pages that it belongs to none of them."""
        count = self._seen.get(_fold(line), 0)
        return count >= self.least and count >= self.share * self.pages


def _fold(line: str) -> str:
    return re.sub(r"[\s\d]+", " ", line).strip().casefold()[:200]
