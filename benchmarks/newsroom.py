"""Articles and queries of a provincial newsroom, made up by a seed: any number, always the same.

Half of an article are set phrases, places, people and documents, in the spellings that portals
mix; the other half are syllables of the language with the frequencies of Zipf's law.
"""

import random
from collections.abc import Iterator
from functools import cached_property
from itertools import accumulate
from typing import Any

from kontum_crawler.text import is_syllable, nfc

PHRASES = """Ủy ban nhân dân tỉnh|Uỷ ban nhân dân huyện|Hội đồng nhân dân|Mặt trận Tổ quốc|
xây dựng nông thôn mới|chuyển đổi số|cải cách hành chính|phòng chống thiên tai|cháy rừng|
khu kinh tế cửa khẩu|đường liên xã|tuyến đường bê tông|hoà giải ở cơ sở|hòa giải viên|
sức khỏe cộng đồng|sức khoẻ sinh sản|kỹ thuật trồng trọt|kĩ thuật chăn nuôi|đại đoàn kết toàn dân|
ngày hội tòan dân|đồng chí bí thư|động đất kích thích|đóng góp ngày công|mía đường|điều dưỡng|
tháng hành động vì trẻ em|xóa đói giảm nghèo|xoá nhà tạm|bảo vệ biên giới|dân tộc thiểu số|
cồng chiêng|nhà rông|cà phê xứ lạnh|sâm Ngọc Linh|thủy điện|thuỷ lợi|quý I|quí II|tỷ lệ|tỉ đồng|
hy vọng|hi sinh|bác sĩ|bác sỹ|lý luận|lí lịch|năng lượng tái tạo|đầu tư công|
giải ngân vốn""".replace("\n", "").split("|")
PLACES = """Kon Tum|Kontum|KonTum|Đắk Hà|Đăk Hà|Dak Ha|Đắk Tô|Đăk Tô|Đắk Glei|Đăk Glei|Đak Glei|
Ngọc Hồi|Sa Thầy|Kon Plông|Kon Rẫy|Tu Mơ Rông|Tumơrông|Ia H'Drai|Ia H’Drai|Măng Đen|Plei Kần|Bờ Y|
Đắk Lắk|Đắc Lắc|Gia Lai|Quảng Ngãi|Ngọk Bay|Ngọc Bay|Đăk Rơ Wa|Ya Xiêr|Mô Rai|Đắk Pxi""".replace(
    "\n", ""
).split("|")
FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "A", "Y", "Hoàng", "Võ", "Đinh")
GIVEN = ("Hòa", "Hoà", "Thúy", "Thuý", "Minh", "Sơn", "Dao", "Vượng", "Nhàn", "Lý", "Mỹ", "Quý")
KINDS = ("KH-UBND", "QĐ-UBND", "BC-UBND", "NQ-HĐND", "CT/TU", "NĐ-CP", "QĐ-TTg")

_ONSETS = [
    "b",
    "c",
    "ch",
    "d",
    "đ",
    "g",
    "h",
    "k",
    "kh",
    "l",
    "m",
    "n",
    "ng",
    "nh",
    "ph",
    "qu",
    "r",
    "s",
    "t",
    "th",
    "tr",
    "v",
    "x",
]
_RIMES = [
    "a",
    "an",
    "ang",
    "anh",
    "ao",
    "ay",
    "e",
    "em",
    "i",
    "inh",
    "o",
    "oi",
    "on",
    "ong",
    "ô",
    "ôi",
    "ông",
    "ơ",
    "ơi",
    "u",
    "ua",
    "ung",
    "uyên",
    "ư",
    "ưa",
    "ương",
    "iên",
    "iêu",
]
_TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
_VOWELS = "aâăeêioôơuưy"


class Newsroom:
    """A source of articles; the same seed gives the same ones."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    @cached_property
    def syllables(self) -> list[str]:
        """Well-formed syllables, the most frequent first."""
        found = set()
        for onset in _ONSETS:
            for rime in _RIMES:
                for tone in _TONES:
                    marked = [n for n, letter in enumerate(rime) if letter in "âăêôơư"]
                    vowels = [n for n, letter in enumerate(rime) if letter in _VOWELS]
                    place = marked[-1] if marked else vowels[0]
                    word = nfc(onset + rime[: place + 1] + tone + rime[place + 1 :])
                    if is_syllable(word):
                        found.add(word)
        words = sorted(found)
        random.Random(7).shuffle(words)
        return words

    @cached_property
    def weights(self) -> list[float]:
        """Cumulative weights of the syllables, after Zipf."""
        return list(accumulate(1 / (rank + 3) for rank in range(len(self.syllables))))

    def articles(self) -> Iterator[dict[str, Any]]:
        """Articles without end, about 2,500 bytes each."""
        number = 0
        while True:
            number += 1
            year, month, day = 2015 + number % 10, 1 + number % 12, 1 + number % 28
            yield {
                "slug": f"bai-{number}",
                "title": self.sentence(2, 6),
                "lead": self.sentence(3, 12) if number % 3 else None,
                "body": "\n\n".join(self.sentence(6, 30) for _ in range(8)),
                "byline": self.person(),
                "unit": f"Phòng {PLACES[number % len(PLACES)]}",
                "category": PHRASES[number % len(PHRASES)],
                "cites": self.document(),
                "published_at": f"{year}-{month:02}-{day:02}T08:00:00+07:00",
            }

    def sentence(self, facts: int, words: int) -> str:
        """Some phrases, places, people and documents between syllables."""
        pick = self.random
        parts = pick.choices(self.syllables, cum_weights=self.weights, k=words)
        for _ in range(pick.randrange(facts)):
            parts.insert(pick.randrange(len(parts) + 1), self.fact())
        text = " ".join(parts)
        return text[:1].upper() + text[1:] + "."

    def fact(self) -> str:
        """A phrase, a place, a person, a document or a date."""
        pick = self.random
        kind = pick.random()
        if kind < 0.5:
            return PHRASES[int(pick.paretovariate(0.7)) % len(PHRASES)]
        if kind < 0.75:
            return PLACES[int(pick.paretovariate(0.7)) % len(PLACES)]
        if kind < 0.85:
            return self.person()
        if kind < 0.95:
            return f"số {self.document()}"
        return f"ngày {pick.randrange(1, 29)}/{pick.randrange(1, 13)}/{pick.randrange(2015, 2025)}"

    def person(self) -> str:
        """A name of two words."""
        return f"{self.random.choice(FAMILY)} {self.random.choice(GIVEN)}"

    def document(self) -> str:
        """A document's number, one digit sometimes with a zero in front."""
        number = self.random.choice([self.random.randrange(1, 10), self.random.randrange(10, 3000)])
        zero = "0" if number < 10 and self.random.random() < 0.5 else ""
        return f"{zero}{number}/{self.random.choice(KINDS)}"


def queries(pick: random.Random, room: Newsroom, count: int) -> list[str]:
    """Queries of fourteen kinds, frequent and rare words alike, with and without accents."""
    from kontum_crawler.text import plain

    def word() -> str:
        return pick.choices(room.syllables, cum_weights=room.weights)[0]

    def phrase() -> str:
        return pick.choice(PHRASES)

    kinds = [
        word,
        lambda: plain(word()),
        lambda: f"{word()} {word()}",
        phrase,
        lambda: plain(phrase()),
        lambda: f'"{phrase()}"',
        lambda: f'"{plain(phrase())}"',
        lambda: pick.choice(PLACES),
        lambda: plain(pick.choice(PLACES)),
        room.document,
        lambda: f"NEAR({' '.join(phrase().split()[:2])}, 5)",
        lambda: f"{word()[:3]}*",
        lambda: f"{phrase()} -{word()}",
        lambda: f"title:{word()} OR {plain(word())}",
    ]
    return [kinds[number % len(kinds)]() for number in range(count)]
