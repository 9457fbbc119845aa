"""Words of facts in other spellings, put into the one spelling that the parsers know: 呒没 → 没有, 居住正 → 居住证.

Every exchange keeps the number of characters, so that spans in the result are spans in the text. Only what stands
for nothing else is exchanged: 兜底保障 holds 底保, 报社报道 holds 社报.
"""

from __future__ import annotations

import re

# Full-width digits and letters to half-width, one character for one.
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF10, 0xFF5B)} | {0x3000: 0x20}
#: Dialect (呒没 Shanghai, 冇得 Sichuan and Hunan, 木有 chat) and slips of the pinyin keyboard.
_SPELLINGS = {
    "没有": r"呒没|呒有|唔没|木有|麽有",
    "没得": r"呒得|唔得|冇得|麽得",
    "不是": r"(?<!步)伐是",
    "的": r"(?<=[有是对好过了做办签租住套养生])额(?=[,，。！!\s]|\Z)|(?<=生活)额(?=[,，。！!\s]|\Z)",
    "不": r"[勿弗](?=能|会|是|得|好|要|来|在)",
    "居住证": r"居住正|居住征|居注证|居住政|居主证|具住证|居住症",
    "社保": r"(?<!报)社报(?![道纸名告社])|社宝|社堡",
    "公积金": r"(?<!办)公基金|公机金|公鸡金|公集金|工积金|公积经",
    "医保": r"(?<!就)医报(?![销告])|医宝",
    "低保": r"低宝|低堡|抵保(?!证)|(?<![兜到彻年月海家])底保(?![障证管温底险])",
    "残疾": r"残急|残集(?!中)|残积",
    "户口": r"户囗",
    "失业": r"失叶|失页",
    "毕业": r"毕叶|毕页",
    "硕士": r"硕仕|朔士|硕土",
    "退休金": r"退修金|推休金|退体金",
    "房租": r"房祖",
    "租房": r"(?<!关)注房",
    "备案": r"(?<![设准])备[按岸暗]",
    "合同": r"(?<=签)和同(?![事学伴])|(?<=劳动)和同|(?<=租房)和同|合仝|合铜",
    "怀孕": r"怀运",
}
#: What any of them begins with: one look here saves forty tries at every character.
_FIRST = "呒唔木麽冇勿弗额伐居具社公工医低抵底残户失毕硕朔退推房注备和合怀"
_FROM = re.compile(
    rf"(?=[{_FIRST}])(?:"
    + "|".join(f"(?P<w{number}>{found})" for number, found in enumerate(_SPELLINGS.values()))
    + ")"
)
_TO = list(_SPELLINGS)


def plain(text: str) -> str:
    """``text`` in the parsers' spelling, as long as it was."""
    return _FROM.sub(lambda match: _TO[int((match.lastgroup or "w0")[1:])], text.translate(_HALF_WIDTH))
