"""Texts of the Walk view, in the Generate tab."""

TEXTS: dict[str, tuple[str, str]] = {
    "walk_tab": ("Walk", "漫步"),
    "walk_intro": (
        "Two network calls draw a picture fast enough to follow your hand. Drag across the pad, "
        "or press the arrow keys: the corners are four noises, or four classes from one noise. In "
        "between these are mixed, not the pictures. Click one of four noises for another; its "
        "lock keeps it.",
        "调用网络两次就能画出一张图片，快到跟得上手的移动。请在方板上拖动，或按方向键：四角是四份"
        "噪声，或者是同一份噪声下的四个类别；中间混合的是它们，而不是图片。选“四份噪声”时，"
        "点击一角可换一份，锁上则保留。",
    ),
    "walk_corners": ("Corners", "四角"),
    "walk_corners_noises": ("Four noises", "四份噪声"),
    "walk_corners_classes": ("Four classes", "四个类别"),
    "walk_corner_0": ("Top left", "左上角"),
    "walk_corner_1": ("Top right", "右上角"),
    "walk_corner_2": ("Bottom left", "左下角"),
    "walk_corner_3": ("Bottom right", "右下角"),
    "walk_pad": ("Where to draw between the corners", "在四角之间的位置"),
    "walk_where": ("{across}% across, {down}% down", "横向 {across}%，纵向 {down}%"),
    "walk_now": ("The picture at this place", "这个位置的图片"),
    "walk_fresh": ("New noise", "换一批噪声"),
    "walk_roll": ("Another noise: {name}", "换一份噪声：{name}"),
    "walk_lock": ("Keep this noise: {name}", "保留这份噪声：{name}"),
    "walk_seeds": ("Seeds of the corners", "四角的种子"),
    "walk_seed_0": ("Seed, top left", "左上角的种子"),
    "walk_seed_1": ("Seed, top right", "右上角的种子"),
    "walk_seed_2": ("Seed, bottom left", "左下角的种子"),
    "walk_seed_3": ("Seed, bottom right", "右下角的种子"),
    "walk_four_seeds": (
        "Seeds of the corners must be four whole numbers, or none.",
        "四角的种子必须是四个整数，或者不填。",
    ),
    "walk_record": ("Record the path as a GIF", "把路径录制成 GIF"),
    "walk_save": ("Save the path as a GIF", "把路径保存为 GIF"),
    "walk_took_there": (
        "Two calls: {ms} ms on the server, {here} ms until you saw the picture",
        "两次调用：服务器用时 {ms} 毫秒，{here} 毫秒后你看到图片",
    ),
    "walk_took_here": (
        "Two calls: {ms} ms in your browser, {here} ms until you saw the picture",
        "两次调用：你的浏览器用时 {ms} 毫秒，{here} 毫秒后你看到图片",
    ),
    "walk_x": ("Place from left to right", "横向位置"),
    "walk_y": ("Place from top to bottom", "纵向位置"),
    "walk_label": ("What to draw", "画什么"),
    "walk_classes": ("Classes of the corners", "四角的类别"),
    "walk_four": (
        "Classes of the corners must be four numbers from 0 to 9.",
        "四角的类别必须是 0 到 9 之间的四个数。",
    ),
}
