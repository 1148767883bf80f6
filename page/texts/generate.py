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
CONSISTENCY = r"$x_s = \sqrt{\bar\alpha_s}\,\hat x_0 + \sqrt{1-\bar\alpha_s}\,z$"

TEXTS: dict[str, tuple[str, str]] = {
    "generate_tab": ("Generate", "生成"),
    "generate_intro": (
        "The reverse process: a network looks at noise, guesses the picture behind it, and takes "
        "a small step towards that guess, again and again.",
        "反向去噪过程：神经网络观察噪声，猜测其后的图像，并朝这个猜测迈出一小步，如此反复。",
    ),
    "generate_use_trained": ("Model", "模型"),
    "generate_model_shipped": ("Pretrained", "预训练模型"),
    "generate_model_trained": ("Trained here", "我训练的模型"),
    "generate_label": ("What to draw", "画什么"),
    "generate_any": ("Anything", "任意"),
    "generate_count": ("How many pictures", "图片数量"),
    "generate_steps": ("Steps (network calls)", "步数（网络调用次数）"),
    "generate_sampler": ("Sampler", "采样器"),
    "generate_schedule": ("Noise schedule", "方差表"),
    "generate_schedule_info": (
        "The same network under another schedule, matched by its log-SNR.",
        "同一个网络，按对数信噪比匹配到另一种方差表。",
    ),
    "generate_guidance": ("Guidance", "引导强度"),
    "generate_guidance_info": (
        "1: as learned. Higher: closer to the class, with less variety.",
        "1：按学到的分布。更大：更强调类别，但多样性降低。",
    ),
    "generate_go": ("Generate", "生成"),
    "generate_queue": (
        "Others are sampling: you are number {ahead} in line, about {expected} s. Stop to leave.",
        "其他人正在采样：你排在第 {ahead} 位，大约 {expected} 秒。点击“停止”可退出排队。",
    ),
    "generate_from_picture": (
        "Start from a picture: draw or upload",
        "从一张图片开始：画一张，或上传",
    ),
    "generate_from_picture_info": (
        "Draw a rough garment in grey on black. Noise is added, and the network finishes the "
        "picture. Under “What to draw” you can say what it is.",
        "在黑底上用灰色粗略地画一件服装。它会被加上噪声，再由神经网络完成。"
        "可以在“画什么”中说明它是什么。",
    ),
    "generate_upload": ("Upload a picture", "上传图片"),
    "generate_noise": ("How much noise to add", "加多少噪声"),
    "generate_noise_info": (
        "Left keeps the picture, right keeps only its rough layout. The number is t.",
        "左侧保留图片，右侧只保留大致布局。数字是时间步 t。",
    ),
    "generate_finish": ("Finish this picture", "完成这张图片"),
    "generate_no_classes": (
        "This model was trained on pictures without classes: it decides what to draw.",
        "这个模型的训练图片没有类别，因此无法指定类别，画什么由模型决定。",
    ),
    "sampler_ddpm": ("DDPM", "DDPM"),
    "sampler_ddim": ("DDIM", "DDIM"),
    "sampler_dpm_solver": ("DPM-Solver++", "DPM-Solver++"),
    "sampler_deis": ("DEIS", "DEIS"),
    "sampler_consistency": ("Consistency", "一致性采样"),
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
        "$\\epsilon_j = \\epsilon_\\theta(x_j, t_j)$ 构成 t 的多项式，沿噪声调度积分。",
    ),
    "generate_equation_consistency": (
        f"One step of a consistency model, from t to s: {CONSISTENCY}, with {X_START} and fresh "
        "noise z. The network was distilled: its guess is already a picture, not the mean of all "
        "that could have led to $x_t$.",
        f"一致性模型的一步，从 t 到 s：{CONSISTENCY}，其中 {X_START}，z 是新的噪声。"
        "这个网络经过蒸馏：它的猜测本身就是一张图片，而不是所有可能得到 $x_t$ 的图片的平均。",
    ),
    "compare_title": (
        "Compare: the same noise, one setting changed",
        "对比：相同的噪声，只改变一项设置",
    ),
    "compare_intro": (
        "Choose what changes from row to row. Everything else stays as set above, and every row "
        "starts from the same noise: any difference within a column comes from that setting alone.",
        "选择逐行改变的设置。其余设置与上方相同，且每一行都从相同的噪声出发："
        "同一列中的差别只来自这项设置。",
    ),
    "compare_axis": ("What changes", "改变什么"),
    "compare_go": ("Compare", "对比"),
    "compare_noise": ("The noise", "噪声"),
    "compare_noise_same": (
        "the same x<sub>T</sub><br>for every row",
        "每一行的 x<sub>T</sub><br>都相同",
    ),
    # compare.js fills in {value}, {calls} of {steps}, {row} of {rows}, {seconds}, {device}
    "compare_steps": ("Steps: {value}", "步数：{value}"),
    "compare_guidance": ("Guidance {value}", "引导强度 {value}"),
    "compare_seed": ("Seed {value}", "随机种子 {value}"),
    "compare_same": ("In every row: ", "每一行都是："),
    "compare_step": ("Step {calls} / {steps}", "第 {calls} / {steps} 步"),
    "compare_calls": ("Network calls: {calls}", "网络调用：{calls} 次"),
    "compare_wait": ("Starting …", "正在开始……"),
    "compare_out_of_time": (
        "The time limit for one run ({seconds} s) was reached: the remaining rows are unfinished.",
        "单次运行的时间（{seconds} 秒）已用完：其余各行没有完成。",
    ),
    "compare_now": ("Row {row} of {rows}", "第 {row} 行，共 {rows} 行"),
    "compare_done": (
        "{rows} rows, {seconds} s of sampling · {device}",
        "共 {rows} 行，采样用时 {seconds} 秒 · {device}",
    ),
    "compare_needs_class": (
        "Guidance pulls towards a class, and “Anything” is not a class: choose one under “What to "
        "draw”, then compare again.",
        "引导会把结果拉向某个类别，而“任意”不是类别：请先在“画什么”中选择一个类别，再对比。",
    ),
    "compare_no_classes": (
        "This model was trained on pictures without classes, so it draws the same pictures for "
        "every class: compare something else.",
        "这个模型是用没有类别的图片训练的，无论选择什么类别，画出的都一样：请对比其他设置。",
    ),
    "compare_look_sampler": (
        "<b>Look at</b> whites, blacks and fine detail. DDIM, DPM-Solver++ and DEIS head for the "
        "same picture: with 10 calls DDIM is still grey and smooth, the other two are almost "
        "there. DDPM adds fresh noise at every step, so it ends elsewhere. Then try 5 steps, and "
        "50.",
        "<b>请看</b>白色、黑色和细节。DDIM、DPM-Solver++ 和 DEIS 趋向同一张图片：调用 10 次时，"
        "DDIM 仍然发灰、过于平滑，另外两种已基本收敛。DDPM 每一步都加入新的噪声，所以终点不同。"
        "再试试 5 步和 50 步。",
    ),
    "compare_look_steps": (
        "<b>Look for</b> the row from which a column hardly changes: beyond it, more network calls "
        "only cost time. DDIM gets there later than DPM-Solver++. DDPM never does, because its "
        "noise is new each time.",
        "<b>请看</b>每一列从哪一行起几乎不再变化：再多的网络调用只是花时间。DDIM 比 "
        "DPM-Solver++ 更晚到达；DDPM 不会停下，因为它的噪声每次都是新的。",
    ),
    "compare_look_schedule": (
        "<b>Look at</b> how alike the rows are: the network is the same, and a schedule only "
        "decides at which noise levels it is called. With DDIM and 5 steps that choice shows.",
        "<b>请看</b>各行有多相似：网络是同一个，方差表只决定在哪些噪声水平上调用它。"
        "选 DDIM 和 5 步，差别就会显现。",
    ),
    "compare_look_guidance": (
        "<b>Look at</b> what is lost. 0 ignores the class; more guidance makes the class clearer, "
        "then the pictures whiter and cruder, with less variety. Above 1 the network sees every "
        "picture twice, with and without the class: look at the time.",
        "<b>请看</b>付出了什么代价。0 会忽略类别；引导越强，类别越鲜明，随后变得更白、更粗糙，"
        "多样性也更低。大于 1 时，网络对每张图片要看两遍（带类别和不带类别）：请看用时。",
    ),
    "compare_look_label": (
        "<b>Look at</b> what a column keeps: its brightness and pattern come from the noise, only "
        "the kind of garment from the class.",
        "<b>请看</b>同一列中保留了什么：明暗和花纹来自噪声，是哪种服装则由类别决定。",
    ),
}
