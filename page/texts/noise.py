"""Texts of the Noise tab."""

TEXTS: dict[str, tuple[str, str]] = {
    "noise_tab": ("Noise", "加噪"),
    "noise_intro": (
        "The forward process: a picture dissolves into noise. Every schedule mixes the **same** "
        "picture with the **same** noise, just at a different pace. Drag *t*, or press Play.",
        "前向过程：图片逐渐变成噪声。每种噪声调度（方差表）都把**同一张**图片与**同一份**噪声混合，"
        "只是快慢不同。拖动 *t*，或点击“播放”。",
    ),
    "noise_image": ("Your picture", "你的图片"),
    "noise_examples": ("Or one of these", "或者选一张"),
    "noise_T": ("Steps T", "总步数 T"),
    "noise_t": ("Time step t", "时间步 t"),
    "noise_hidden": ("Schedules to show", "显示哪些噪声调度的图片"),
    "noise_details": ("Details", "详细数值"),
    "noise_seed_info": ("Same seed, same noise ε", "种子相同，噪声 ε 就相同"),
    "noise_schedules": ("Noise schedules", "噪声调度"),
    "noise_notebook": ("β range as in the notebook", "沿用原 notebook 的 β 范围"),
    "noise_notebook_info": (
        "β from 0.0001 to 0.02 whatever T is, as in "
        "[The Annotated Diffusion Model](https://huggingface.co/blog/annotated-diffusion). "
        "See what it does at T = 200.",
        "无论 T 取多少，β 都从 0.0001 增到 0.02，与 "
        "[The Annotated Diffusion Model](https://huggingface.co/blog/zh/annotated-diffusion) 相同。"
        "看看 T = 200 时的结果。",
    ),
    "noise_zero_terminal": ("Zero terminal SNR", "末端信噪比为零"),
    "noise_zero_terminal_info": (
        "Shifts and scales √ᾱ so that nothing of the picture is left at the end (Lin et al. 2023).",
        "平移并缩放 √ᾱ，使最后一步不再保留任何图像信号（Lin 等，2023）。",
    ),
    "noise_make_gif": ("Make GIF", "生成 GIF"),
    "noise_figure_rows": ("The picture as it dissolves", "图片逐渐变成噪声的过程"),
    "noise_figure_curves": ("Curves of the schedules", "噪声调度的曲线"),
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
        "时间步 t 的图片（{name}噪声调度）",
    ),
    "noise_view_details": ("Details", "详细数值"),
    "noise_view_bad": ("x_T is not noise yet", "x_T 还不是纯噪声"),
    "noise_view_good": ("x_T is noise", "x_T 已是纯噪声"),
    "noise_view_exact": ("x_T is noise exactly", "x_T 完全是噪声"),
    "noise_view_earlier": (
        "sampling starts one step earlier, at t = {t}",
        "采样提前一步，从 t = {t} 开始",
    ),
    "noise_view_chips": ("Schedules to show", "显示哪些噪声调度的图片"),
    "noise_view_none": (
        "No picture is shown. Choose one with the buttons above.",
        "没有显示图片：请用上方的按钮选择。",
    ),
    "noise_view_steps": ("Where the steps go, % per dB", "步的分布（每分贝的百分比）"),
    "noise_view_steps_why": (
        "In training this density over log-SNR is all that tells two schedules apart "
        "(Kingma & Gao 2023): where it is high, the network trains the most.",
        "训练时，两种噪声调度的差别只在于对数信噪比上的这一密度（Kingma 与 Gao，2023）："
        "密度高的地方，网络训练得最多。",
    ),
    # a schedule that a hand draws
    "noise_draw_go": ("Draw your own", "自己画一条"),
    "noise_draw_from": ("Start from", "起点"),
    "noise_draw_own": ("Your own", "自己画的"),
    "noise_draw_on": ("Draw on", "画在"),
    "noise_draw_on_snr": ("log-SNR", "对数信噪比"),
    "noise_draw_on_signal": ("ᾱ", "ᾱ"),
    "noise_draw_add": ("Add a point", "加一个点"),
    "noise_draw_delete": ("Delete the point", "删除该点"),
    "noise_draw_undo": ("Undo", "撤销"),
    "noise_draw_redo": ("Redo", "重做"),
    "noise_draw_strip": (
        "The picture under the drawn schedule, from the beginning to the end",
        "手绘噪声调度下的图片，从开始到结束",
    ),
    "noise_draw_generate": ("Use in Generate", "用于“生成”"),
    "noise_draw_train": ("Use in Train", "用于“训练”"),
    "noise_draw_remove": ("Remove the drawing", "移除手绘曲线"),
    "noise_draw_how": (
        "Drag a point, or move it with the arrow keys. A double click or double tap adds one, "
        "Enter adds one beside it, Delete removes it.",
        "拖动一个点，或用方向键移动。双击（或轻点两下）添加一个点，"
        "回车键在旁边添加一个，Delete 键删除。",
    ),
    "noise_draw_handles": ("Points of the drawn schedule", "手绘噪声调度的点"),
    "noise_draw_handle": ("Point {k} of {count}", "第 {k} 个点，共 {count} 个"),
    "noise_draw_at": (
        "t = {t}, log-SNR {decibel} dB, ᾱ = {signal}",
        "t = {t}，对数信噪比 {decibel} 分贝，ᾱ = {signal}",
    ),
    "noise_draw_full": (
        "There is no room for another point: at most {most}, and not too close together.",
        "不能再加点：最多 {most} 个，且不能靠得太近。",
    ),
    "noise_draw_clipped": (
        "The curve is clipped at ±{most} dB: beyond that, float32 can't tell ᾱ from 0 or 1.",
        "超过 ±{most} 分贝的部分会被截断：float32 已无法区分 ᾱ 与 0 或 1。",
    ),
    "noise_draw_list": (
        "σ of ten steps, then 0; paste σ or β here",
        "十步的 σ，最后为 0；可粘贴 σ 或 β",
    ),
    "noise_draw_no_list": (
        "Paste two or more positive numbers: decreasing σ, or β below 1. Nothing has changed.",
        "请粘贴至少两个正数：逐个减小的 σ，或小于 1 的 β。曲线没有改变。",
    ),
    "noise_draw_few": ("A schedule needs at least {least} points.", "至少需要 {least} 个点。"),
    "noise_view_left": ("{percent}% amplitude left", "仍保留 {percent}% 的幅度"),
    "noise_view_of_signal": ("{percent}% signal", "{percent}% 信号"),
    "noise_view_of_noise": ("{percent}% noise", "{percent}% 噪声"),
    "noise_view_power": ("ᾱ: the picture's share of the power", "ᾱ：图像信号的功率占比"),
    "noise_view_denoise": ("Denoise from here", "从这里开始去噪"),
    "noise_view_there": (
        "same SNR in Generate: t = {t} of {last}",
        "“生成”中信噪比相同处：t = {t} / {last}",
    ),
    "noise_view_garments": (
        "The network in Generate knows only garments: whatever you give it, it turns into one.",
        "“生成”中的网络只认识服装，无论给它什么，都会画成服装。",
    ),
    "noise_view_signal": ("ᾱ, the picture's share of the power", "ᾱ：图像信号的功率占比"),
    "noise_view_snr": ("log-SNR: ᾱ to 1−ᾱ, in decibels", "对数信噪比：ᾱ 与 1−ᾱ 之比（分贝）"),
    "noise_example_cat": ("Cat", "猫"),
    "noise_none": ("Choose at least one schedule.", "请至少选择一种噪声调度。"),
    # what the exact denoiser draws under each schedule; exact.js fills in the braces
    "exact_title": ("What the schedule alone does", "噪声调度单独带来的影响"),
    "exact_intro": (
        "An exact denoiser takes the network's place. It knows 300 garments and makes no "
        "mistakes, so whatever is wrong with its samples comes from the schedule, or from too few "
        "steps. Each class should get 10%.",
        "这里用精确去噪器代替网络。它记得 300 件服装，从不出错，"
        "所以样本中的任何问题都来自噪声调度，或者来自步数太少。每个类别应各占 10%。",
    ),
    "noise_steps": ("Steps of the sampler", "采样步数"),
    "exact_shares": ("Shares of the classes", "各类别的比例"),
    "exact_distance": ("Distance to the data", "与数据的距离"),
    "exact_drawing": (
        "Drawing: {done} of {total} schedules …",
        "正在采样：已完成 {done} / {total} 种噪声调度……",
    ),
    "exact_done": (
        "{samples} samples under each schedule, T = {T}, {steps} steps of DDIM, the same noise. "
        "The line marks 10%. The same number of pictures drawn evenly from the data would be "
        "about {floor}% away; 100% would mean nothing in common.",
        "每种噪声调度各 {samples} 个样本，T = {T}，DDIM 采样 {steps} 步，噪声相同。竖线表示 10%。"
        "从数据中均匀抽取同样多的图片，距离约为 {floor}%；100% 表示毫无共同之处。",
    ),
    # samples under the notebook's β range
    "mismatch_go": (
        "What does the notebook's β range do to samples?",
        "原 notebook 的 β 范围对采样有什么影响？",
    ),
    "mismatch_notebook": ("β as in the notebook", "原 notebook 的 β"),
    "mismatch_rescaled": ("β × 1000/T", "β × 1000/T"),
    "mismatch_setting": ("{name}, T = {T}", "{name}，T = {T}"),
    "mismatch_left": (
        "{percent}% of the picture's amplitude is left in x_T",
        "x_T 中仍保留 {percent}% 的图像信号（幅度）",
    ),
    "mismatch_why_differ": (
        "In training, x_T still held {percent}% of the amplitude of a mostly black picture. "
        "Sampling starts from pure noise, which is brighter, so the samples are bright garments "
        "that fill the frame, and hardly ever slender ones. Both sides use the same exact denoiser "
        "and the same noise: only β differs.",
        "训练时，x_T 中仍保留 {percent}% 的图像信号（幅度），而图片大部分是黑色；"
        "采样却从更亮的纯噪声开始，因此样本多是占满画面的浅色服装，几乎没有细长的款式。"
        "两侧使用同一个精确去噪器和同一份噪声，唯一不同的是 β。",
    ),
    "mismatch_why_same": (
        "At T = {T} neither range leaves anything of the picture in x_T: sampling starts where "
        "training ended, and every class gets its share. Try T = 200.",
        "T = {T} 时，两种范围下的 x_T 都已是纯噪声：采样的起点与训练的终点一致，"
        "各类别的比例恢复正常。试试 T = 200。",
    ),
    "mismatch_why_no_range": (
        "{name} adapts its β to T: there is no range to get wrong, so both sides are the same. "
        "Choose another schedule to see what can go wrong.",
        "{name}噪声调度的 β 会随 T 自动调整，不存在范围选错的问题，所以两侧相同。"
        "请换一种噪声调度，看看会出现什么问题。",
    ),
    "mismatch_samples": (
        "Samples from the same noise, {title}",
        "从同一份噪声采样的结果（{title}）",
    ),
    "mismatch_legend": (
        "The classes of 200 samples; the first 40 are shown. The line marks an equal share, 10%.",
        "200 个样本的类别分布，上方为前 40 个样本。竖线表示各类均等时的 10%。",
    ),
}
