"""Children's papers: 上户口了, 还没上户口, 育儿补贴领过. Births are found by ``dates``."""

from __future__ import annotations

import re
from typing import Iterator

from bot.nlu.parsers.found import Candidate, Heard
from bot.nlu.parsers.spotting import Spotter

_DONE = r"(?:上|报|落|入|登)"
_NOT_YET = Spotter(
    rf"(?:没有?|没得|莫得|还没有?|未|没来得及|还没来得及"
    rf"|没给[^,，。]{{0,4}}?)(?:去)?(?:给[^,，。]{{1,3}}?)?{_DONE}(?:过|到|上|了)?户(?:口)?|户口(?:也"
    rf"|都|还|一直|就|现在){{0,8}}(?:没有?|没得|莫得|未|没去)(?:上|报|落|入|办|弄)(?!海|班)|(?:是)?黑户|(?:还)?没户口"
)
_YES = Spotter(
    rf"(?<!没)(?<!没有)(?<!还没)(?:已经?|都|早就|刚|也|才)?(?:去)?(?:给[^,，。]{{1,4}}?)?(?:{_DONE}(?:了|好了?"
    rf"|过了?|完了?"
    rf"|上了)(?:的)?户口?(?:本)?|{_DONE}户口?了|已{_DONE}户口?)|户口(?:也|都|已经|早就|刚|是){{0,8}}(?:上好?了"
    rf"|报好?了|落好?了|入了|上了的|办好了|弄好了)"
)
_CHILD = Spotter(r"娃|孩|宝|崽|儿子|女儿|闺女|囡|孙|出生|刚生|育儿|新生|小的")
# Said of a child these are what the rehabilitation rules ask about; of an adult they are told as a kind of disability.
_AUTISM = Spotter(r"(?<!疑似)(?<!疑是)(?<!怀疑)(?<!怀疑是)(?<!像)(?:孤独症|自闭症?)(?!筛查|评估)")
_IMPAIRED = Spotter(
    r"(?<!疑似)(?<!怀疑)(?<!怀疑是)(?:脑瘫|唐氏(?:综合征|儿|宝宝)?|智障|聋哑|失聪|先天性?(?:聋|盲|残疾)|(?<!不)残疾(?![人证]))"
)
#: What is told of children even where none is named; a disability at large is more often an adult's.
_OF_CHILDREN = re.compile(r"孤独|自闭|脑瘫|唐氏")
_NOT_IMPAIRED = re.compile(r"(?:不是|没有?|没得|未|不算|莫得)(?:得|查出|诊断出?|确诊)?\Z")
#: 育儿补贴, or 补贴 alone where the message is about a child's papers.
_GRANT = (
    r"(?:育儿(?:补贴|补助|津贴|的钱)|(?:(?<![一-鿿])|(?<=[过到了领]))补(?:贴|助)|生娃的?补贴|娃儿?的?补贴"
    r"|孩子的?补贴)"
)
_OTHER_GRANT = Spotter(r"租|房|生育|托|护理|残|低保|失业|就业|社保|高龄|养老|医保")
_NEVER = (
    r"(?:没有?|没得|还没有?|从没|从来没有?|莫得|未|(?:一次|一回|一分|一分钱|一毛)(?:都|也)(?:还)?(?:没有?|没得|莫得|未)"
    r"|(?:还)?(?:一次|一回|一分|一分钱)(?:都|也)没)"
)
_CLAIMED_NO = Spotter(
    rf"{_NEVER}(?:去)?(?:申请|申领|领取?|拿)?(?:过|到)?{_GRANT}|{_GRANT}(?:也|都|还|一直|从来|我们?家?|我|俺们?|钱|到现在|目前|现在"
    rf"|是){{0,8}}{_NEVER}(?:去)?(?:申领|领取|领|申请|拿|办)(?:过|到)?"
)
_CLAIMED = Spotter(
    r"(?<!没)(?<!没有)(?:领过|申领过|领了|领取过|拿过|申请过|申领了|拿了|领到了?)(?:一次|一年|了|去年的?"
    rf"|第一年的?){{0,8}}{_GRANT}|{_GRANT}(?:也|都|已经|去年|我们?家?|早就"
    r"|今年|前面|上回|是){0,8}(?:领过|领了|申领过|申请过了?|拿过|拿了|领到了?|领取过)"
)


def find(heard: Heard) -> Iterator[Candidate]:
    """Facts about a child's registration and claims."""
    text = heard.text
    if "户" in text and _CHILD.search(text):
        for match in _NOT_YET.finditer(text):
            if text[max(0, match.start() - 1) : match.start()] != "有":
                yield Candidate("child.registered", False, match.start(), match.end(), person="child")
        for match in _YES.finditer(text):
            yield Candidate("child.registered", True, match.start(), match.end(), strong=True, person="child")
    of_child = _CHILD.search(text) is not None and _OTHER_GRANT.search(text) is None
    if "补" in text and ("育儿" in text or of_child):
        for match in _CLAIMED_NO.finditer(text):
            if text[max(0, match.start() - 1) : match.start()] != "有":
                yield Candidate("child.subsidy_claimed", False, match.start(), match.end(), person="child")
        for match in _CLAIMED.finditer(text):
            yield Candidate("child.subsidy_claimed", True, match.start(), match.end(), strong=True, person="child")
    yield from _impairment(heard)


def _impairment(heard: Heard) -> Iterator[Candidate]:
    """娃儿脑瘫, 孩子诊断了自闭症: of a child, or of nobody who is named."""
    people = {mention.person for mention in heard.people if not mention.asking}
    child = any(mention.person == "child" for mention in heard.people)
    if people and not child:
        return
    for pattern, slug in ((_AUTISM, "child.autism_diagnosed"), (_IMPAIRED, "child.disabled_or_autistic")):
        for match in pattern.finditer(heard.text):
            if not child and not _OF_CHILDREN.match(match.group()):
                continue
            if not _NOT_IMPAIRED.search(heard.text[max(0, match.start() - 6) : match.start()]):
                yield Candidate(slug, True, match.start(), match.end(), person="child")
                if slug == "child.autism_diagnosed":
                    yield Candidate("child.disabled_or_autistic", True, match.start(), match.end(), person="child")
