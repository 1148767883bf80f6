"""Texts of the Noise tab."""

TEXTS: dict[str, tuple[str, str]] = {
    "noise_tab": ("Noise", "加噪"),
    "noise_intro": (
        "The forward process: a picture dissolves into noise. Every schedule mixes the **same** "
        "picture with the **same** noise, only at a different pace. Move *t*, or press play.",
        "前向扩散过程：图片逐渐变成噪声。每种方差表都把**同一张**图片与**同一份**噪声混合，"
        "只是快慢不同。拖动 *t*，或点击播放。",
    ),
    "noise_image": ("Your picture", "你的图片"),
    "noise_examples": ("Or one of these", "或者选一张"),
    "noise_T": ("Steps T", "总步长 T"),
    "noise_seed_info": ("Same seed, same noise ε", "种子相同，噪声 ε 就相同"),
    "noise_schedules": ("Noise schedules", "方差表"),
    "noise_notebook": ("β range as in the notebook", "β 范围与笔记本相同"),
    "noise_notebook_info": (
        "β from 0.0001 to 0.02 whatever T is. See what it does at T = 200.",
        "不论 T 是多少，β 都从 0.0001 到 0.02。看看 T = 200 时会怎样。",
    ),
    "noise_make_gif": ("Make GIF", "生成 GIF"),
    "noise_denoise": ("Denoise from here", "从这里开始去噪"),
    "noise_equation": (
        "$$\\mathbf x_t = \\sqrt{\\bar\\alpha_t}\\;\\mathbf x_0 + \\sqrt{1-\\bar\\alpha_t}\\;"
        "\\epsilon,\\quad \\epsilon\\sim\\mathcal N(\\mathbf 0,\\mathbf I)$$\n"
        "$$\\bar\\alpha_t = \\prod_{s\\le t}(1-\\beta_s)$$",
        "$$\\mathbf x_t = \\sqrt{\\bar\\alpha_t}\\;\\mathbf x_0 + \\sqrt{1-\\bar\\alpha_t}\\;"
        "\\epsilon,\\quad \\epsilon\\sim\\mathcal N(\\mathbf 0,\\mathbf I)$$\n"
        "$$\\bar\\alpha_t = \\prod_{s\\le t}(1-\\beta_s)$$",
    ),
    # noise_view.js fills in {name} and {percent}
    "noise_view_time": ("Time step t", "时间步 t"),
    "noise_view_canvas": (
        "The picture at time t, {name} schedule",
        "时间步 t 的图片，{name}方差表",
    ),
    "noise_view_bad": ("x_T is not noise yet", "x_T 还不是纯噪声"),
    "noise_view_left": ("{percent}% of the picture is left", "图片还剩 {percent}%"),
    "noise_view_signal": ("ᾱ, the picture's share of the power", "ᾱ：图片在功率中所占的比例"),
    "noise_view_snr": ("log-SNR, in decibels", "对数信噪比（分贝）"),
    "noise_example_cat": ("Cat", "猫"),
    "noise_view_copy": ("Copy a link to these settings", "复制这些设置的链接"),
    "noise_view_copied": ("Copied:", "已复制："),
    "noise_view_copy_this": ("Copy this:", "请复制："),
    "noise_none": ("Choose at least one schedule.", "请至少选择一种方差表。"),
    # samples under the notebook's β range
    "mismatch_go": (
        "What does the notebook's β range do to samples?",
        "笔记本的 β 范围会给采样带来什么后果？",
    ),
    "mismatch_notebook": ("β as in the notebook", "β 与笔记本相同"),
    "mismatch_rescaled": ("β × 1000/T", "β × 1000/T"),
    "mismatch_setting": ("{name}, T = {T}", "{name}，T = {T}"),
    "mismatch_left": ("{percent}% of the picture is left in x_T", "x_T 中图片还剩 {percent}%"),
    "mismatch_why_differ": (
        "In training, x_T still held {percent}% of a mostly black picture. Sampling starts from "
        "pure noise, which is brighter, so the samples are bright garments that fill the frame, "
        "and hardly ever slender ones. Both sides use the same exact denoiser and the same noise: "
        "only β differs.",
        "训练时，x_T 里还留有图片的 {percent}%，而图片大部分是黑色的；采样却从更亮的纯噪声开始，"
        "于是得到的多是占满画面的明亮衣物，几乎没有细长的。两边用的是同一个精确的去噪器和同一份噪声："
        "不同的只有 β。",
    ),
    "mismatch_why_same": (
        "At T = {T} neither range leaves anything of the picture in x_T: sampling starts where "
        "training ended, and every class gets its share. Try T = 200.",
        "T = {T} 时，两种范围下 x_T 中都不再有图片：采样的起点就是训练的终点，"
        "每个类别都得到应有的份额。试试 T = 200。",
    ),
    "mismatch_why_no_range": (
        "{name} adapts its β to T: there is no range to get wrong, so both sides are the same. "
        "Choose another schedule to see what can go wrong.",
        "{name}方差表的 β 会自动适应 T：没有会选错的范围，所以两边相同。"
        "请选择另一种方差表，看看会出什么问题。",
    ),
    "mismatch_samples": (
        "Samples from the same noise, {title}",
        "从同一份噪声得到的样本，{title}",
    ),
    "mismatch_legend": (
        "The classes of 200 samples; the first 40 are shown. The line marks an equal share, 10%.",
        "200 个样本的类别，上方显示前 40 个。竖线是公平的 10%。",
    ),
}
