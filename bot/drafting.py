"""The commands ``draft``, ``diff`` and ``publish``: change a copy, see what it changes for residents, put it in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from bot.checking import shown_path
from bot.settings import settings
from knowledge.base import Snapshot, build
from knowledge.diff import Difference, QuestionChange, difference
from knowledge.drafts import DraftChanges, draft_changes, make_draft, publish_draft, stamp_draft

#: How staff call it in the project's folder.
BOT = ".venv/bin/python -m bot"
#: More than this of one kind is counted, not listed.
LISTED = 40
_KINDS = {"moved": "换了一条回答", "gained": "原来答不准，现在有回答", "lost": "原来有回答，现在答不准",
          "reworded": "还是那条，话变了"}


def run_draft(*, again: bool, keep: bool) -> int:
    """Begin a draft, or note what the served content is like now."""
    content, draft = settings().content, settings().draft
    if keep:
        stamp_draft(content, draft)
        print("记下了。草稿没有动，发布时按正在用的内容现在的样子比较。")
        return 0
    make_draft(content, draft, again=again)
    print(f"草稿在 {shown_path(draft)}，放心改，居民看到的还是原来的。\n"
          f"改好后依次运行：{BOT} check --draft、{BOT} diff、{BOT} publish。\n"
          f"想先问问看：{BOT} ask --draft --region 510100 \"您要问的话\"。")
    return 0


def run_diff() -> int:
    """Print what publishing the draft would change. Raises ContentError where the draft is unsound."""
    changes = draft_changes(settings().content, settings().draft)
    if not changes:
        print("草稿和正在用的内容没有不同。")
        return 0
    print(_files_text(changes))
    print(difference_text(difference(*_both())))
    return 0


def run_publish() -> int:
    """Put the draft in if it is sound. Raises ContentError where it is not."""
    content, draft = settings().content, settings().draft
    changes = draft_changes(content, draft)
    if not changes:
        print("草稿里没有要发布的修改。")
        return 0
    build(draft, meaning=False)
    publish_draft(content, draft, changes)
    print(f"{_files_text(changes)}\n换上了。正在跑的机器人两秒左右就用新内容，不用重启。")
    return 0


def _both() -> tuple[Snapshot, Snapshot]:
    """The served content and the draft."""
    cache = settings().cache
    before = build(settings().content, cache=cache, keep_questions=True)
    return before, build(settings().draft, cache=cache, keep_questions=True)


def _files_text(changes: DraftChanges) -> str:
    lines = [f"改了或新加{len(changes.written)}个文件，删了{len(changes.gone)}个文件："]
    lines += [f"  {'写入' if name in changes.written else '删除'} {name}" for name in (*changes.written, *changes.gone)]
    if changes.clashes:
        lines.append(f"注意：这些文件在您打草稿之后又被别人改过：{'、'.join(changes.clashes)}")
    return "\n".join(lines)


def difference_text(found: Difference) -> str:
    """The whole difference in plain words."""
    if not found:
        return "居民得到的回答和结果都没有变。"
    parts = []
    if found.records:
        counts = Counter((kind, how) for kind, _, how in found.records)
        summary = "、".join(f"{how}{kind}{count}个" for (kind, how), count in sorted(counts.items()))
        parts.append(_section(f"内容：{summary}", (f"{how} {kind} {key}" for kind, key, how in found.records)))
    for kind, title in _KINDS.items():
        changes = [item for item in found.questions if item.kind == kind]
        if changes:
            parts.append(_section(f"{title}的问题（{len(changes)}句）", _question_lines(changes)))
    if found.households:
        lines = (f"{item.policy}“{item.household}”："
                 f"{item.before or '原来没有这项政策'} → {item.after or '没有这项政策了'}" for item in found.households)
        parts.append(_section(f"结果变了的家庭（{len(found.households)}户）", lines))
    if not found.questions:
        parts.append("没有哪句问话换了回答。")
    if not found.households:
        parts.append("没有哪个测试家庭的结果变了。")
    return "\n\n".join(parts)


def _question_lines(changes: Sequence[QuestionChange]) -> Iterable[str]:
    """One line a question; the regions where it changes alike stand together."""
    regions: dict[tuple[str, str, str, str], list[str]] = {}
    for item in changes:
        key = (item.question, item.before.key, item.after.key, item.after.text)
        regions.setdefault(key, []).append(item.region)
    for (question, old, new, _), where in regions.items():
        way = new if old == new else f"{old or '（答不准）'} → {new or '（答不准）'}"
        yield f"“{question}”（{'、'.join(where)}）：{way}"
    for old, new in dict.fromkeys((item.before.text, item.after.text) for item in changes
                                  if item.kind == "reworded"):
        yield f"原来：{_one_line(old)}"
        yield f"现在：{_one_line(new)}"


def _one_line(text: str) -> str:
    return text.strip().replace("\n", " ")


def _section(title: str, lines: Iterable[str]) -> str:
    listed = list(lines)
    rest = [f"  ……还有{len(listed) - LISTED}条"] if len(listed) > LISTED else []
    return "\n".join([title, *(f"  {line}" for line in listed[:LISTED]), *rest])
