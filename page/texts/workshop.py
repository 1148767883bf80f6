"""Texts of links, of what a visitor shares or takes home, and of the tour's strip. The tour's own
are in page/workshop/tour.yaml.
"""

TEXTS: dict[str, tuple[str, str]] = {
    "link_long": (
        "This link is too long to be one of this page, so it was ignored.",
        "这个链接太长，不是本页的链接，已忽略。",
    ),
    "link_unknown": (
        "This link leads to a place that this page doesn't have, so it was ignored.",
        "链接指向的位置在本页不存在，已忽略。",
    ),
    "link_version": (
        "This link was made by another version of this page, so it was ignored.",
        "这个链接来自本页的另一个版本，已忽略。",
    ),
    "link_ignored": (
        "Part of the link was ignored, because this page doesn't take it: {names}.",
        "链接中有一部分无法识别，已忽略：{names}。",
    ),
    "link_more": ("a setting that isn't here", "本页没有的设置"),
    "share_title": ("Share what is on the screen", "分享当前画面"),
    "share_copy_link": ("Copy link", "复制链接"),
    "share_copy_code": ("Copy the program", "复制程序"),
    "share_open": ("Open a picture made here", "打开在本页生成的图片"),
    "share_copied": ("Copied", "已复制"),
    "share_link": ("Link to this page as it is now", "当前页面的链接"),
    "share_qr": ("QR code of the link", "链接的二维码"),
    "share_no_qr": ("This link is too long for a QR code.", "链接太长，无法生成二维码。"),
    "share_alone": (
        "Only this computer can open this address. For others in the room, start the page with: "
        "python app.py --host 0.0.0.0",
        "只有这台电脑能打开这个地址。要让同一房间的人也能打开，请这样启动："
        "python app.py --host 0.0.0.0",
    ),
    "share_left_out": (
        "A link carries neither your pictures nor your model.",
        "链接中不包含你的图片和你训练的模型。",
    ),
    "share_program": ("As Python", "对应的 Python 程序"),
    "share_program_info": (
        "Makes the same pictures, from the same seed, without the page. It needs the package ddpm "
        "of this project: pip install . in its folder.",
        "不用本页，从同样的随机种子得到同样的图片。需要本项目的 ddpm 包：在项目文件夹中运行 "
        "pip install .",
    ),
    "share_notebook": ("Download as a notebook", "下载为 notebook"),
    "as_python": ("As Python: what is on the screen", "当前画面对应的 Python 程序"),
    # the tour's strip; tour.js fills in {step} and {count}
    "tour_name": ("Tour", "导览"),
    "tour_step": ("{step} / {count}", "{step} / {count}"),
    "tour_back": ("Previous step", "上一步"),
    "tour_next": ("Next step", "下一步"),
    "tour_try": ("Try it", "试一试"),
    "tour_answer": ("Answer", "答案"),
    "tour_code": ("QR code of this step: enlarge it", "这一步的二维码：点击放大"),
    "tour_close": ("Close the tour", "关闭导览"),
    "tour_stays": ("The settings here are still the tour’s.", "这里仍是导览的设置。"),
    "tour_usual": ("Back to the defaults", "恢复默认设置"),
    "tour_paper": ("Source: ", "出处："),
    # what it asks before one looks; ask.js fills in {answers}, {k} and {mark}
    "tour_pick": ("What do you think? Pick one.", "你觉得呢？选一个。"),
    "tour_pick_all": ("Pick all that you think apply.", "把你认为是的都选上。"),
    "tour_look": ("Reveal", "揭晓"),
    "tour_look_now": ("Now see whether you were right.", "来看看你猜对了没有。"),
    "tour_right": ("Right!", "答对了！"),
    "tour_wrong": ("Not quite. The answer says why.", "不完全对。原因见“答案”。"),
    "tour_sending": ("Sending your answer …", "正在发送你的答案……"),
    "tour_sent": (
        "Your answer counts. You can change it until the right one is shown.",
        "你的答案已计入。揭晓之前都可以改。",
    ),
    "tour_late": ("Too late: this question is closed.", "来不及了：这道题已经结束。"),
    "tour_full": (
        "Your answer couldn't be counted: this class can't take any more answers.",
        "你的答案没有计入：这堂课的答案数已达上限。",
    ),
    "tour_answers": ("Answers so far: {answers}", "已收到 {answers} 份答案"),
    "tour_picture": ("{mark}Picture {k}", "{mark}第 {k} 张图"),
    "tour_gather": ("Ask the room", "让大家回答"),
    "tour_dismiss": ("End the class", "结束课堂"),
    "tour_class_open": (
        "The class is open: scan the code to join. Nobody sees who answered what.",
        "课堂已开启：扫码加入。谁选了什么，没有人看得到。",
    ),
    "tour_in_class": (
        "You are in the class: this page follows the presenter's.",
        "你已加入课堂：本页会跟着老师翻页。",
    ),
    "tour_no_class": (
        "This class hasn't opened yet, or is over. The page joins as soon as it opens.",
        "课堂尚未开启，或已经结束。一旦开启，本页会自动加入。",
    ),
    "tour_needs_server": (
        "The room's answers need the full page, with a server.",
        "收集大家的答案需要有服务器的完整版页面。",
    ),
    "tour_wall_open": ("Open the wall", "打开作品墙"),
    "tour_wall_close": ("Close the wall", "关闭作品墙"),
    "tour_wall_clear": ("Clear the wall", "清空作品墙"),
    "tour_wall_remove": ("Take this picture down", "撤下这张图"),
    "tour_wall_picture": ("A picture of the class: open its settings", "同学的作品：打开它的设置"),
    "tour_wall_hang_png": ("Show the room what I drew last", "把我刚画的给大家看"),
    "tour_wall_hang_gif": ("Show the room its film", "展示生成过程（动图）"),
    "tour_wall_shown": (
        "Your picture is on the wall. If you show another, it replaces this one.",
        "这张已展示到作品墙。再展示一张会换掉它。",
    ),
    "tour_wall_waiting": (
        "Nothing is on the wall yet: those who have joined can show what they drew.",
        "作品墙还是空的：加入课堂的人可以把自己画的展示上来。",
    ),
    "tour_wall_nothing": ("Draw something first, in Generate.", "请先在“生成”页画一张。"),
    "tour_wall_lost": ("The connection was lost. Please try again.", "连接断开了，请重试。"),
    "tour_wall_here": (
        "Your own browser drew this one, and the wall takes only what this server drew: press "
        "“Draw from noise”, and then show that.",
        "这张是你的浏览器画的，作品墙只收本服务器画的图片：请点“从噪声生成”，再展示。",
    ),
    "wall_closed": ("The wall is closed.", "作品墙没有开放。"),
    "wall_full": (
        "The wall is full until its presenter clears it.",
        "作品墙满了，等老师清空后再展示。",
    ),
    "wall_foreign": (
        "Only what this page drew goes on the wall, from settings that a link can carry.",
        "只有本页画出、并且设置能写进链接的图片或动画才能上墙。",
    ),
    "classroom_gone": ("This class is over.", "这堂课已经结束。"),
    "classroom_late": (
        "This question is closed, so the answer doesn't count.",
        "这道题已经结束，答案不再计入。",
    ),
    "classroom_full": ("This class can't take any more answers.", "这堂课的答案数已达上限。"),
}
