"""A sound message of every kind, for tests of the contract, the channel and the page."""

from __future__ import annotations

import copy
from typing import Any

Message = dict[str, Any]

SOURCE = {
    "title": "关于社区助餐服务的通知",
    "publisher": "杨浦区民政局",
    "url": "https://www.shyp.gov.cn/",
    "date": "2024-03-11",
    "trust": "official",
}
SECONDARY = {
    "title": "社区食堂名录", "publisher": "地方媒体整理", "url": "", "date": "2023", "trust": "secondary"
}
SITE = {
    "id": "yp-canteen-07",
    "name": "五角场街道社区长者食堂",
    "address": "国定路某弄12号一楼",
    "phone": "021-65550007",
    "distance_m": 420,
    "same_area": True,
    "open_now": True,
    "hours_text": "周一至周六 10:30—12:30",
    "lng": 121.514,
    "lat": 31.299,
    "crs": "gcj02",
    "map_url": "https://uri.amap.com/marker?position=121.514,31.299&name=长者食堂",
}
OPTIONS = [{"title": answer, "payload": answer} for answer in ("是", "不是", "不清楚")]
CENTER = {"lng": 121.514, "lat": 31.299, "crs": "gcj02", "name": "五角场"}


def _make(kind: str, text: str, buttons: list[dict[str, str]] | None = None, **adds: Any) -> Message:
    custom: dict[str, Any] = {
        "kind": kind,
        "answer_id": f"a-{kind}",
        "topic": "elderly-meal",
        "region": "310110",
        "sources": [],
        "knowledge_version": "2026.11.21-test",
    }
    custom.update(adds)
    return {"text": text, "buttons": buttons or [], "custom": custom}


_MESSAGES: dict[str, Message] = {
    "faq": _make(
        "faq",
        "满60周岁的老人都能到社区长者食堂吃饭。带上身份证，到食堂登记一次就行。",
        record="310110/elderly-meal/who",
        question="谁能在社区食堂吃饭",
        confidence=0.93,
        sources=[SOURCE, SECONDARY],
    ),
    "service": _make(
        "service",
        "老年助餐就是社区食堂给老人做的便宜饭。满60周岁就能去。",
        record="310110/elderly-meal",
        steps=["带身份证到食堂登记", "领助餐卡", "刷卡用餐"],
        documents=["身份证", "敬老卡（有的话）"],
        contacts=[{"name": "五角场街道办", "phone": "021-65551234", "hours": "工作日9:00—17:00"}],
        cost="一餐10到15元，以食堂公布的为准",
        sources=[SOURCE],
    ),
    "sites": _make(
        "sites",
        "离五角场最近的是五角场街道社区长者食堂，大约420米，现在开着。",
        [{"title": "更远的也看看", "payload": "更远的也看看"}],
        items=[
            SITE,
            {
                **SITE,
                "id": "yp-canteen-31",
                "name": "殷行街道助餐点",
                "distance_m": None,
                "same_area": True,
                "open_now": None,
                "hours_text": "",
                "phone": "",
                "lng": None,
                "lat": None,
                "map_url": "",
            },
            {**SITE, "id": "yp-canteen-09", "name": "长海路街道长者食堂", "distance_m": 1830, "open_now": False},
        ],
        center=CENTER,
        radius_m=3000,
        sources=[SECONDARY],
    ),
    "question": _make(
        "question",
        "您在南京有自己的房子吗？",
        OPTIONS,
        fact="household.owns_home_in_city",
        why="有自有住房的，不能领租赁补贴",
        options=OPTIONS,
        policy="320100/rental-subsidy",
        remaining_at_most=3,
        understood=[
            {"text": "学历：硕士研究生", "payload": "改一下：学历"},
            {"text": "社保在本地连续缴着", "payload": "改一下：社保在本地连续缴纳"},
        ],
        topic="rental-subsidy",
        region="320100",
    ),
    "verdict": _make(
        "verdict",
        "按您说的情况，可以领：每月800元，最多36个月。最终以窗口审核为准。",
        policy="320100/rental-subsidy",
        outcome="eligible",
        reasons=[
            {"text": "硕士学历", "status": "met", "clause": "第四条第一款"},
            {"text": "在南京没有自有住房", "status": "met", "clause": "第四条第二款"},
            {"text": "毕业不超过两年", "status": "unknown", "clause": ""},
            {"text": "没有领过其他住房补贴", "status": "unmet", "clause": "第六条"},
        ],
        missing=["person.years_since_graduation"],
        benefit={
            "amount": 800,
            "unit": "元",
            "period": "month",
            "max_periods": 36,
            "upper_limit": False,
            "formula_text": "硕士每人每月800元",
        },
        eligible_from=None,
        excludes=["320100/rental-subsidy.low-income"],
        next_steps=["登录“我的南京”App", "填写申请，上传劳动合同", "等社区审核"],
        receipt="NJ-7K2M-0421",
        documents=["学历证明", "劳动合同", "社保缴费记录"],
        where="南京市人社部门的申请入口",
        contacts=[{"name": "人社咨询热线", "phone": "12333", "hours": ""}],
        topic="rental-subsidy",
        region="320100",
        sources=[SOURCE],
    ),
    "suggestions": _make(
        "suggestions",
        "按您说的情况，您可能还能领高龄津贴。",
        items=[
            {
                "policy": "310110/elderly-allowance",
                "topic": "elderly-allowance",
                "outcome": "eligible",
                "why": "满65周岁，有上海户籍",
                "name": "老年综合津贴",
                "payload": "老年综合津贴怎么领",
            }
        ],
        sources=[SOURCE],
    ),
    "life_circle": _make(
        "life_circle",
        "从五角场走15分钟，能到3个食堂、1家社区医院，没有查到托育点。",
        center=CENTER,
        minutes=15,
        mode="walking",
        fields=[
            {"field": "elderly", "count": 3, "nearest": {"name": "五角场街道社区长者食堂", "distance_m": 420}},
            {"field": "health", "count": 1, "nearest": None},
        ],
        gaps=["childcare"],
        sources=[SECONDARY],
    ),
    "clarify": _make(
        "clarify",
        "您想问哪一种补贴？",
        [{"title": "租房补贴", "payload": "租房补贴"}, {"title": "育儿补贴", "payload": "育儿补贴"}],
        options=[{"title": "租房补贴", "payload": "租房补贴"}, {"title": "育儿补贴", "payload": "育儿补贴"}],
        topic="",
    ),
    "handoff": _make(
        "handoff", "这件事要请工作人员来办，请拨打021-65551234。", channel="phone", phone="021-65551234", ticket=None
    ),
    "ticket": _make(
        "ticket",
        "您的建议已经记下，编号20261121-007。",
        ticket="20261121-007",
        state="已受理",
        created_at="2026-11-21T09:30:00Z",
        topic="suggestions",
    ),
    "ack": _make("ack", "您好！想找吃饭的地方、问补贴、问办事，都可以跟我说。", of="greeting", topic=""),
    "cannot_answer": _make(
        "cannot_answer",
        "这件事我还没有资料，不敢乱说。请拨打12345问一问。",
        phone="12345",
        nearest_topics=["elderly-meal", "elderly-allowance"],
    ),
    "out_of_scope": _make("out_of_scope", "炒股的事我不懂。补贴、养老、租房、办事，可以问我。", topic=""),
    "emergency": _make("emergency", "请马上拨打120！让病人侧躺，不要喂水喂药，等急救人员来。", phone="120", topic=""),
    "error": _make("error", "抱歉，我们这边出了点问题。请再发一次；急事请拨打12345。", code="bot_failure", topic=""),
}


def message(kind: str) -> Message:
    """A fresh copy of the message of this kind."""
    return copy.deepcopy(_MESSAGES[kind])


ALL_KINDS: tuple[str, ...] = tuple(_MESSAGES)
