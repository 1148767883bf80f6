"""Texts of the Generate tab."""

X_START = (
    r"$\hat x_0 = (x_t - \sqrt{1-\bar\alpha_t}\,\epsilon_\theta(x_t, t)) / \sqrt{\bar\alpha_t}$"
)
# each sampler's step from t to the next time, s, and the definitions of its symbols
DDPM = (
    r"$x_s = \frac{\sqrt{\bar\alpha_s}\,(1-\alpha)}{1-\bar\alpha_t}\,\hat x_0"
    r" + \frac{\sqrt{\alpha}\,(1-\bar\alpha_s)}{1-\bar\alpha_t}\,x_t + \sigma z$",
    r"$\alpha = \bar\alpha_t / \bar\alpha_s$",
    r"$\sigma^2 = (1-\alpha)\frac{1-\bar\alpha_s}{1-\bar\alpha_t}$",
)
DDIM = r"$x_s = \sqrt{\bar\alpha_s}\,\hat x_0 + \sqrt{1-\bar\alpha_s}\,\epsilon_\theta(x_t, t)$"
DPM_SOLVER = (
    r"$x_s = \sqrt{\bar\alpha_s}\,D + \sqrt{1-\bar\alpha_s}\,"
    r"\frac{x_t - \sqrt{\bar\alpha_t}\,D}{\sqrt{1-\bar\alpha_t}}$",
    r"$D = \hat x_0 + \frac{1}{h'}\left(\frac{h}{1-e^{-h}} - 1\right)(\hat x_0 - \hat x_0')$",
)
DEIS = (
    r"$\frac{x_s}{\sqrt{\bar\alpha_s}} = \frac{x_t}{\sqrt{\bar\alpha_t}}"
    r" + \sum_j \epsilon_j \int_t^s \ell_j\,d\rho$",
    r"$\rho = \sqrt{1-\bar\alpha}/\sqrt{\bar\alpha}$",
)
AUTOGUIDED = (
    r"$\hat\epsilon = \epsilon_{\text{worse}}(x_t, t)"
    r" + w\,\left(\epsilon_\theta(x_t, t) - \epsilon_{\text{worse}}(x_t, t)\right)$"
)
GUIDED = (
    r"$\hat\epsilon = \epsilon_\theta(x_t, t)"
    r" - \sqrt{1-\bar\alpha_t}\;s\,\nabla_{x_t} \log p(y \mid x_t)$"
)
CONSISTENCY = r"$x_s = \sqrt{\bar\alpha_s}\,\hat x_0 + \sqrt{1-\bar\alpha_s}\,z$"
# which knows s too
FLOW_MAP = tuple(each.replace("(x_t, t)", "(x_t, t, s)") for each in (DDIM, X_START))

TEXTS: dict[str, tuple[str, str]] = {
    "generate_tab": ("Generate", "生成"),
    "generate_intro": (
        "The reverse process: a network looks at noise, guesses the picture behind it, and takes "
        "a small step towards that guess, again and again.",
        "反向去噪过程：神经网络从噪声中猜测原本的图像，再朝这个猜测迈出一小步，如此反复。",
    ),
    "draw_tab": ("Draw", "绘制"),
    "generate_use_trained": ("use_trained", "use_trained"),  # only programs have it
    "generate_model": ("Model", "模型"),
    "generate_model_taught": ("Pretrained", "预训练模型"),
    "generate_model_taught_for": (
        "Every class, in ten calls or more. Train your own, and it joins this list.",
        "各个类别都会画，需要十次以上的调用。你训练的模型也会出现在这个列表中。",
    ),
    "generate_model_shipped": ("First version", "第一版预训练模型"),
    "generate_model_shipped_for": (
        "The pretrained network before it learned from the wider one: as large, taught by pictures "
        "alone. Older links draw with it.",
        "向更宽的网络学习之前的预训练网络：参数一样多，只从图片学习。旧链接用它来画。",
    ),
    "generate_model_large": ("Wider network", "更宽的网络"),
    "generate_model_large_for": (
        "The pictures nearest to real garments: twice the weights, trained for longer. Each call "
        "takes about twice as long.",
        "画得最接近真实服装：参数多一倍，训练得更久，每次调用的时间也约为两倍。",
    ),
    "generate_model_student": ("One, two or four calls", "一、二或四次调用"),
    "generate_model_student_for": (
        "For speed: distilled to draw in one, two or four calls.",
        "求快时用：经过蒸馏，只需一次、两次或四次调用。",
    ),
    "generate_model_matched": ("Few calls, no classifier", "调用次数少，不用分类器"),
    "generate_model_matched_for": (
        "The wider network’s student, which no classifier has taught: its one or two calls come as "
        "close to real garments as ten of the pretrained network.",
        "更宽的网络的学生网络，训练时没有用分类器：它只调用一两次，画得就与预训练网络调用十次一样接近真实服装。",
    ),
    "generate_model_flow": ("Few calls, same garment", "调用次数少，服装相同"),
    "generate_model_flow_for": (
        "A flow map, which follows the wider network’s path: from the same noise, its two calls "
        "draw the same kind of garment as that network’s ten, for four seeds out of five.",
        "流映射：沿着更宽的网络的去噪路径走。从同一噪声出发，它调用两次画出的服装，"
        "五次中有四次与那个网络调用十次画出的属于同一类。",
    ),
    "generate_model_emoji": ("Emoji, in colour", "彩色表情符号"),
    "generate_model_emoji_for": (
        "Small pictures in colour. Trained for only an hour: it is best at smileys, people, "
        "symbols and flags.",
        "小幅彩色图片。只训练了一小时：画得最好的是笑脸、人物、符号和旗帜。",
    ),
    "generate_model_trained": ("Trained here", "我训练的模型"),
    "generate_model_trained_for": (
        "Yours, from the Train tab: see what it has learned so far.",
        "你在“训练”中训练的模型：看看它学到了什么。",
    ),
    "generate_label": ("What to draw", "画什么"),
    "class_each": ("Every class in turn", "各类轮流"),
    "generate_any": ("Anything", "任意"),
    "generate_count": ("How many pictures", "图片数量"),
    "generate_steps": ("Steps (network calls)", "步数（网络调用次数）"),
    "generate_calls": ("From 1 call to 1,000", "从 1 次调用到 1000 次"),
    "generate_sampler": ("Sampler", "采样器"),
    "generate_schedule": ("Noise schedule", "噪声调度"),
    "generate_schedule_info": (
        "The same network under another schedule, matched by log-SNR. With five or ten steps "
        "spaced evenly in t, EDM did best in our measurements; with fifty, all but Laplace are "
        "about equal. Laplace, which doesn’t end in noise, is far behind with any number. "
        "DPM-Solver++ spaces its steps by log-SNR in any case.",
        "网络不变，只是按对数信噪比换用另一种噪声调度。我们测得，五步或十步在 t 上均匀分布时，EDM "
        "最好；到五十步，除拉普拉斯外都相差不大。拉普拉斯的终点不是纯噪声，无论多少步都差得多。"
        "DPM-Solver++ 则自行按对数信噪比安排各步。",
    ),
    "generate_guidance": ("Guidance", "引导强度"),
    "generate_guidance_info": (
        "1: as learned. Higher: closer to the class or the words, with less variety.",
        "1 表示按学到的分布采样；越大越贴近所选类别或文字，但多样性越低。",
    ),
    "generate_interval": ("Guide only at these t", "只在这段 t 内引导"),
    "generate_interval_info": (
        "Outside them, guidance is 1. At high noise, guidance costs variety; at low noise, it "
        "hardly changes anything (Kynkäänniemi et al. 2024).",
        "区间之外引导强度为 1。噪声很大时引导会损失多样性，噪声很小时几乎不起作用（Kynkäänniemi "
        "等，2024）。",
    ),
    "generate_interval_low": ("Lowest t at which guidance acts", "引导起作用的最小 t"),
    "generate_interval_high": ("Highest t at which guidance acts", "引导起作用的最大 t"),
    "generate_interval_at": ("t = {t}", "t = {t}"),
    "generate_interval_end_low": ("t = 0, picture", "t = 0，图像"),
    "generate_interval_end_high": ("t = 999, noise", "t = 999，噪声"),
    "generate_equation_by_worse": (
        f"Guided by its own worse self, with scale w (Karras et al. 2024): {AUTOGUIDED} in place "
        "of $\\epsilon_\\theta(x_t, t)$. The worse one was trained less: a smaller network for a "
        "minute, or for the wider network its own state early in training. "
        "Where both are unsure they err in the same direction, the worse one further: away from "
        "it is towards the data. That takes no label.",
        f"由自身的较差版本引导，强度为 w（Karras 等，2024）：用 {AUTOGUIDED} 代替 "
        "$\\epsilon_\\theta(x_t, t)$。较差的网络训练得少：预训练模型用的是一个"
        "更小、只训练了一分钟的网络，更宽的网络用的是它自己训练早期的状态。"
        "两者在拿不准的地方会朝同一方向出错，较差的错得更远：背离它，就是靠近真实数据。这不需要类别标签。",
    ),
    "generate_guided_by": ("Guided by", "引导方式"),
    "generate_guided_by_info": (
        "Labels: the network compares its answers with the class and without.\nClassifier: the "
        "network sees no class, and a second one, which recognises garments in noise, pulls each "
        "step towards it. That takes a guidance of about 16.\nIts own worse self: each step is "
        "pushed away from what a network that was trained less would draw, with a class or "
        "without.\nBest in our measurements: guidance at t = 0 … 700 only, 2 with the labels, 1.3 "
        "with the worse self and 1.5 with the wider network's.",
        "类别标签：网络比较带类别与不带类别时的预测\n分类器：网络看不到类别，由另一个能在噪声中"
        "认出服装的网络把每一步拉向该类别，强度要到 16 左右\n自身的较差版本：每一步都被推离一个"
        "训练得较少的网络会画成的样子，有没有类别都行\n我们测得只在 t = 0～700 引导最好：用类别标签"
        "时强度为 2；用自身的较差版本时为 1.3，换成更宽的网络则为 1.5。",
    ),
    "generate_guided_by_labels": (
        "The labels it learned (classifier-free)",
        "学过的类别标签（无分类器）",
    ),
    "generate_guided_by_classifier": ("A classifier of noisy pictures", "识别含噪图的分类器"),
    "generate_guided_by_worse": ("Its own worse self (autoguidance)", "自身的较差版本（自引导）"),
    "guide_pictures_title": ("What guidance does", "引导有什么作用"),
    "guide_pictures_about": (
        "Eight classes, each from the same noise in every row, in ten calls. Labels and the "
        "classifier pull towards the class: too far, and garments become flat and white. The worse "
        "self pushes away from what it would draw itself, such as blotches and frayed outlines. "
        "Kept to t = 0 … 700, guidance leaves the garment to the noise and changes details.",
        "八个类别，各行从同样的噪声出发，每张图调用网络十次。"
        "类别标签和分类器都往类别那边拉：拉得太远，服装就变得扁平发白。"
        "较差版本则把图片推离它自己会画成的样子，比如斑块和毛糙的轮廓。"
        "若只在 t = 0～700 引导，画成哪件服装仍由噪声决定，改变的只是细节。",
    ),
    "guide_pictures_plain": ("As learned, guidance 1", "按学到的画，引导强度 1"),
    "guide_pictures_within": (
        "Guidance {guidance} at t = {low} … {high}",
        "引导强度 {guidance}，只在 t = {low}～{high}",
    ),
    "guide_of_another": (
        "Guided by can't be “{asked}” for this model: that is a worse version of the pretrained "
        "one. Choose “{own}”, or the pretrained model.",
        "这个模型的引导方式不能是“{asked}”：那是预训练模型的较差版本。"
        "请选择“{own}”，或改用预训练模型。",
    ),
    "generate_equation_by_classifier": (
        f"Guided by a classifier, with scale s: {GUIDED} in place of $\\epsilon_\\theta(x_t, t)$, "
        "which sees no class. The gradient points to where the classifier sees the class y. With "
        "s = 1 this is Bayes’ rule; more exaggerates.",
        f"由分类器引导，强度为 s：用 {GUIDED} 代替看不到类别的 $\\epsilon_\\theta(x_t, t)$。"
        "梯度指向分类器更确信是类别 y 的方向。s = 1 就是贝叶斯公式，更大则是有意夸大。",
    ),
    "model_needs_class": (
        "This model has always been told what to draw: choose a class under “What to draw”.",
        "这个模型训练时始终带着类别：请在“画什么”中选择一个类别。",
    ),
    "model_unguided": (
        "This model never learned to draw without a class, so its own labels can't guide it: set "
        "guidance to 1.",
        "这个模型没有学过不带类别时怎么画，无法用它自己的类别标签引导：请把引导强度设为 1。",
    ),
    "guide_needs_class": (
        "A classifier guides towards a class, and “Anything” is not a class: choose one under "
        "“What to draw”.",
        "分类器要朝某个类别引导，而“任意”不是类别：请在“画什么”中选择一个类别。",
    ),
    "guide_other_shape": (
        "The classifier knows grey pictures of 28 × 28 pixels only, and this model draws {size}: "
        "choose the labels under “Guided by”.",
        "分类器只认识 28 × 28 像素的灰度图，而这个模型生成的是 {size}："
        "请把“引导方式”改为类别标签。",
    ),
    "generate_go_noise": ("Draw from noise", "从噪声生成"),
    "generate_go_here": ("Draw in your browser", "在你的浏览器中绘制"),
    "generate_go_sketch": ("Finish the sketch", "完成这张草图"),
    "generate_drawn": (
        "The schedule that you drew is chosen here. Draw, to see what it does.",
        "这里已选用你手绘的噪声调度，画一次看看效果。",
    ),
    "generate_more": ("More settings", "更多设置"),
    "generate_figure_strip": ("The film as a strip", "去噪过程的长条图"),
    "generate_queue": (
        "Others are sampling: you are number {ahead} in line, about {expected} s. Press “Stop” "
        "to leave the line.",
        "其他人正在采样：你排在第 {ahead} 位，大约还需 {expected} 秒。点击“停止”可退出排队。",
    ),
    "generate_start": ("Start from", "起点"),
    "generate_start_noise": ("Noise", "噪声"),
    "generate_start_sketch": ("A sketch or a photo", "草图或照片"),
    "generate_from_picture_info": (
        "Draw a rough garment in grey on black, or upload one on a plain ground, which is removed. "
        "Noise is added, and the network finishes the picture. You can say what it is under “What "
        "to draw”.",
        "在黑底上用灰色画出服装的大致样子，或上传一张背景单一的照片（背景会被去掉）。先加上噪声，"
        "再由神经网络补全。可以在“画什么”中指定类别。",
    ),
    "generate_upload": ("Upload a picture", "上传图片"),
    "generate_noise": ("How much noise to add", "加噪程度"),
    "generate_noise_info": (
        "Left keeps the picture, right keeps only its rough layout. The number is t.",
        "越靠左越接近原图，越靠右越只剩大致轮廓。数字是时间步 t。",
    ),
    "generate_no_classes": (
        "This model was trained on pictures without classes: it decides what to draw.",
        "这个模型的训练图片没有类别，因此无法指定类别，画什么由模型决定。",
    ),
    "not_finite_schedule": (
        "Noise schedule: under this one, the network’s output at t = {t} is not finite, so there "
        "is no picture. Choose another schedule.",
        "噪声调度：换用这一种后，网络在 t = {t} 的输出不是有效数值，因此没有图片。请另选一种。",
    ),
    "not_finite_model": (
        "Model: the output of this one at t = {t} is not finite, so there is no picture. Choose "
        "another model, or train it again with a lower learning rate.",
        "模型：这个模型在 t = {t} 的输出不是有效数值，因此没有图片。请换一个模型，或降低学习率重"
        "新训练。",
    ),
    "student_sampler": (
        "Sampler must be {own} for this model, not {asked}: it was distilled to need one, two or "
        "four network calls.",
        "采样器必须是“{own}”，不能是“{asked}”：这个模型经过蒸馏，只需调用网络一、二或四次。",
    ),
    "student_guidance": (
        "Guidance must be {own} for this model, not {asked}: it was distilled without.",
        "引导强度必须是 {own}，不能是 {asked}：这个模型是在不加引导的情况下蒸馏的。",
    ),
    "student_guided_by": (
        "Guided by must be “{own}” for this model, not “{asked}”: it was distilled without a "
        "classifier.",
        "引导方式必须是“{own}”，不能是“{asked}”：这个模型蒸馏时没有用分类器。",
    ),
    "student_schedule": (
        "Noise schedule must be {own} for this model, not {asked}: it was distilled under {own}.",
        "噪声调度必须是“{own}”，不能是“{asked}”：这个模型是在“{own}”之下蒸馏的。",
    ),
    "student_steps": (
        "Steps (network calls) must be 1, 2 or 4 for this model, not {asked}.",
        "步数（网络调用次数）必须是 1、2 或 4，不能是 {asked}：这个模型就是为此蒸馏的。",
    ),
    "not_a_student": (
        "Sampler can't be {asked} for this model: it was not distilled, and its first guess is the "
        "mean of many pictures.",
        "采样器不能是“{asked}”：这个模型没有经过蒸馏，它的第一次猜测只是许多图片的平均。",
    ),
    "sampler_ddpm": ("DDPM", "DDPM"),
    "sampler_ddpm_for": (
        "The original: small steps, each with fresh noise. Good with hundreds of calls.",
        "最初的方法：小步前进，每步加入新噪声。适合几百次调用。",
    ),
    "sampler_ddim": ("DDIM", "DDIM"),
    "sampler_ddim_for": (
        "The simplest without fresh noise: easy to follow, good with about 50 calls.",
        "不加新噪声的方法中最简单的：容易看懂，适合 50 次左右的调用。",
    ),
    "sampler_dpm_solver": ("DPM-Solver++", "DPM-Solver++"),
    "sampler_dpm_solver_for": (
        "The usual choice: good pictures in 5 to 20 calls.",
        "常用的选择：5 到 20 次调用就能画好。",
    ),
    "sampler_deis": ("DEIS", "DEIS"),
    "sampler_deis_for": (
        "For comparison: it looks back at the last four predictions, and needs 20 calls or more "
        "here.",
        "用于对照：每步参考最近四次预测，在这里需要 20 次以上的调用。",
    ),
    "sampler_consistency": ("Consistency", "一致性采样"),
    "sampler_consistency_for": (
        "For distilled models only: every call jumps all the way to a picture.",
        "只适合蒸馏过的模型：每次调用都一步跳到图片。",
    ),
    "sampler_flow_map": ("Flow map", "流映射"),
    "sampler_flow_map_for": (
        "For flow maps only: every call jumps further along the path, without new noise.",
        "只适合流映射模型：每次调用都沿路径跳一段，不加新噪声。",
    ),
    "generate_equation_ddpm": (
        f"One step of DDPM, from t to s: {DDPM[0]}, with {X_START}, "
        f"{DDPM[1]}, {DDPM[2]} and fresh noise z.",
        f"DDPM 的一步，从 t 到 s：{DDPM[0]}，其中 {X_START}，{DDPM[1]}，{DDPM[2]}，z 是新的噪声。",
    ),
    "generate_equation_ddim": (
        f"One step of DDIM, from t to s: {DDIM}, with {X_START}. No new noise.",
        f"DDIM 的一步，从 t 到 s：{DDIM}，其中 {X_START}。不加新的噪声。",
    ),
    "generate_equation_dpm_solver": (
        f"One step of DPM-Solver++, from t to s: {DPM_SOLVER[0]}, with {DPM_SOLVER[1]}: DDIM, with "
        f"the guess {X_START} extrapolated from the previous one, $\\hat x_0'$; h and h′ are half "
        "the log-SNR gained in this step and in the previous one.",
        f"DPM-Solver++ 的一步，从 t 到 s：{DPM_SOLVER[0]}，其中 {DPM_SOLVER[1]}：即 DDIM，但把猜测 "
        f"{X_START} 沿上一次的猜测 $\\hat x_0'$ 外推；"
        "h 和 h′ 是这一步和上一步对数信噪比之差的一半。",
    ),
    "generate_equation_deis": (
        f"One step of DEIS, from t to s: {DEIS[0]}, with {DEIS[1]}: a polynomial in t through the "
        "last four $\\epsilon_j = \\epsilon_\\theta(x_j, t_j)$, integrated over the schedule.",
        f"DEIS 的一步，从 t 到 s：{DEIS[0]}，其中 {DEIS[1]}：最近四次的 "
        "$\\epsilon_j = \\epsilon_\\theta(x_j, t_j)$ 确定一个关于 t 的多项式，再沿噪声调度积分。",
    ),
    "generate_equation_consistency": (
        f"One step of a consistency model, from t to s: {CONSISTENCY}, with {X_START} and fresh "
        "noise z. The network was distilled: its guess is already a picture, not the mean of all "
        "that could have led to $x_t$.",
        f"一致性模型的一步，从 t 到 s：{CONSISTENCY}，其中 {X_START}，z 是新的噪声。"
        "这个网络经过蒸馏：它的猜测本身就是一张图片，而不是所有可能得到 $x_t$ 的图片的平均。",
    ),
    "generate_equation_flow_map": (
        f"One call of a flow map, from t to s: {FLOW_MAP[0]}, with {FLOW_MAP[1]}: a step of DDIM, "
        "but the network also takes s. Distillation taught it the guess that leads all the way "
        "from t to s, however far apart they are. No new noise.",
        f"流映射的一次调用，从 t 到 s：{FLOW_MAP[0]}，其中 {FLOW_MAP[1]}："
        "形式上是 DDIM 的一步，但网络的输入还有 s。"
        "这个网络经过蒸馏：无论从 t 到 s 有多远，它的猜测都能一步走到。不加新的噪声。",
    ),
}
