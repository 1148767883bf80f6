"""Texts of the Compare view, in the Generate tab."""

TEXTS: dict[str, tuple[str, str]] = {
    "compare_tab": ("Compare", "对比"),
    "compare_intro": (
        "Everything starts from the same noise, and only what you choose here changes: if two "
        "pictures in the same place differ, that is the only reason.",
        "所有图片都从相同的噪声出发，只改变这里选择的设置：同一位置的图片若有差别，只能是它引起的。",
    ),
    "compare_axis": ("What changes from row to row", "逐行改变"),
    "compare_across": ("What changes from column to column", "逐列改变"),
    "compare_across_none": ("Nothing", "不改变"),
    "compare_ready": ("Show me: from 1 call to 1,000", "直接看：从 1 次调用到 1000 次"),
    "compare_schedules": ("Schedules to compare", "要对比的噪声调度"),
    "compare_schedules_info": (
        "Also in text form: rectified_flow~shift_3, cosine~zero_terminal, drawn~0_12~1_-9.",
        "也可以输入文本形式：rectified_flow~shift_3、cosine~zero_terminal、drawn~0_12~1_-9。",
    ),
    "compare_no_schedule": (
        "Choose at least one schedule to compare.",
        "请至少选择一种要对比的噪声调度。",
    ),
    "compare_go": ("Compare", "对比"),
    "compare_go_here": ("Compare in your browser", "在你的浏览器中对比"),
    "compare_noise": ("The noise", "噪声"),
    "compare_noise_same": ("the same everywhere", "全部相同"),
    # compare.js fills in what stands in braces
    "compare_plan": (
        "This will draw {count} pictures under each of {cells} settings: {calls} network calls, "
        "about {seconds} s.",
        "将在 {cells} 种设置下各生成 {count} 张图片：共 {calls} 次网络调用，约需 {seconds} 秒。",
    ),
    "compare_steps": ("Steps: {value}", "步数：{value}"),
    "compare_guidance": ("Guidance {value}", "引导强度 {value}"),
    "compare_guided_by_labels": ("Guided by its labels", "由类别标签引导"),
    "compare_guided_by_classifier": ("Guided by a classifier", "由分类器引导"),
    "compare_guided_by_worse": ("Guided by its own worse self", "由自身的较差版本引导"),
    "compare_interval": ("Guidance at t = {low} … {high} only", "只在 t = {low}～{high} 引导"),
    "compare_seed": ("Seed {value}", "随机种子 {value}"),
    "compare_same": ("The same everywhere: ", "共同的设置："),
    "compare_step": ("Step {calls} / {steps}", "第 {calls} / {steps} 步"),
    "compare_calls": ("Calls: {calls}", "调用 {calls} 次"),
    "compare_seconds": ("{seconds} s", "{seconds} 秒"),
    "compare_wait": ("Starting …", "正在开始……"),
    "compare_out_of_time": (
        "The time limit for one run ({seconds} s) was reached after {calls} of {total} network "
        "calls.",
        "已达单次运行的时限（{seconds} 秒）：完成了 {total} 次网络调用中的 {calls} 次。",
    ),
    "compare_stopped": (
        "Stopped after {calls} of {total} network calls · {seconds} s",
        "已停止：完成了 {total} 次网络调用中的 {calls} 次 · {seconds} 秒",
    ),
    "compare_left": ("You left the line: nothing was drawn.", "你已退出排队：没有生成图片。"),
    "compare_now": ("Row {row} of {rows}", "第 {row} 行，共 {rows} 行"),
    "compare_done": (
        "{cells} settings, {seconds} s of sampling · {device}",
        "共 {cells} 种设置，采样用时 {seconds} 秒 · {device}",
    ),
    "compare_fixed": (
        "This model draws in one way only: compare its steps or classes, or choose the pretrained "
        "one.",
        "这个模型只有一种采样方式：请对比步数或类别，或改用预训练模型。",
    ),
    "compare_same_axis": (
        "Rows and columns can't change the same setting: choose another for one of them.",
        "行和列不能改变同一项设置：请为其中之一另选一项。",
    ),
    "compare_calls_alone": (
        "The comparison of network calls decides everything else itself: choose “Nothing” from "
        "column to column.",
        "对比网络调用次数时，其他设置都由它决定：“逐列改变”请选“不改变”。",
    ),
    "compare_too_long": (
        "This would take {calls} network calls; the limit is {most}. Choose fewer steps.",
        "这次对比需要 {calls} 次网络调用，而上限为 {most} 次。请减少步数。",
    ),
    "compare_one_model": (
        "There is only one model so far. Train one in the Train tab, then compare the two.",
        "目前只有一个模型。请先在“训练”中训练一个，再对比两者。",
    ),
    "compare_other_shape": (
        "One of these models draws in grey and the other in colour, so they can't start from the "
        "same noise.",
        "这些模型有的生成灰度图，有的生成彩色图，无法从相同的噪声出发。",
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
    "compare_figure_grid": ("The comparison with its names", "带标注的对比图"),
    "compare_look_sampler_few": (
        "<b>Look at</b> what is missing: after so few calls most pictures are smeared and lack "
        "contrast. From 5 calls on, DPM-Solver++ has enough of it; the others don’t yet. Then try "
        "10 and 50.",
        "<b>请看</b>还缺少什么：调用次数这么少时，多数图片模糊、对比度不足。到 5 次时，"
        "DPM-Solver++ 的对比度已经足够，其他采样器还不够。再试试 10 步和 50 步。",
    ),
    "compare_look_sampler": (
        "<b>Look at</b> contrast and fine detail. DDIM, DPM-Solver++ and DEIS head for the "
        "same picture: DDIM’s is still a little dull and smooth, the other two are almost there. "
        "DDPM adds fresh noise at every step, so it ends elsewhere. Then try 5 steps, and 50.",
        "<b>请看</b>对比度和细节。DDIM、DPM-Solver++ 和 DEIS 趋向同一张图片："
        "DDIM 仍略显暗淡、过于平滑，另外两种已基本收敛。DDPM 每一步都加入新的噪声，所以终点不同。"
        "再试试 5 步和 50 步。",
    ),
    "compare_look_sampler_many": (
        "<b>Look at</b> three rows that are nearly the same: with so many calls, DDIM, "
        "DPM-Solver++ and DEIS have all arrived. DDPM adds fresh noise at every step, so it ends "
        "elsewhere, however many there are. Then try 5 steps: that is where samplers differ.",
        "<b>请看</b>几乎相同的三行：调用这么多次后，DDIM、DPM-Solver++ 和 DEIS 都已收敛。"
        "DDPM 每一步都加入新的噪声，无论多少步，终点都不同。"
        "再试试 5 步：步数少时，采样器的差别才明显。",
    ),
    "compare_look_steps_ddpm": (
        "<b>Look for</b> a row from which a column hardly changes: there is none. DDPM adds fresh "
        "noise at every step, so another number of steps ends elsewhere. With few, the pictures "
        "are dull.",
        "<b>请看</b>每一列从哪一行起几乎不再变化：没有这样的行。DDPM 每一步都加入新的噪声，"
        "步数不同，终点就不同；步数少时，图片暗淡。",
    ),
    "compare_look_steps": (
        "<b>Look for</b> the row from which a column hardly changes: beyond it, more network calls "
        "only cost time. DDIM gets there later than DPM-Solver++ and DEIS.",
        "<b>请看</b>每一列从哪一行起几乎不再变化：之后再增加网络调用，只是多花时间。"
        "DDIM 收敛得比 DPM-Solver++ 和 DEIS 晚。",
    ),
    "compare_look_schedule": (
        "<b>Look at</b> how alike the rows are: the network is the same, and a schedule only "
        "decides at which noise levels it is called. With DDIM and 5 steps that choice shows.",
        "<b>请看</b>各行有多相似：网络是同一个，噪声调度只决定在哪些噪声水平上调用它。"
        "选 DDIM 和 5 步，差别就会显现。",
    ),
    "compare_look_schedule_few": (
        "<b>Look at</b> how sharp the rows are: the network is the same, but with so few calls it "
        "matters at which noise levels they are made, and that is what a schedule decides.",
        "<b>请看</b>各行的清晰程度：网络是同一个，但调用次数这么少时，在哪些噪声水平上调用就很重要，"
        "而这由噪声调度决定。",
    ),
    "compare_look_guidance": (
        "<b>Look at</b> what is lost. 0 ignores the class; more guidance makes the class "
        "clearer, then the pictures harsher and cruder, with less variety. Above 1 the network "
        "sees every picture twice, with and without the class: look at the time.",
        "<b>请看</b>付出了什么代价。0 表示忽略类别；引导越强，类别特征越鲜明，再强则画面生硬、变"
        "粗糙，多样性也随之降低。大于 1 时，每张图片网络都要算两遍（带类别和不带类别）：请看用时。",
    ),
    "compare_look_guidance_worse": (
        "<b>Look at</b> the first row: at 0 the worse network draws alone. At 1 the model draws as "
        "it learned, and a little more leads away from what the worse one gets wrong: cleaner "
        "outlines and fabrics. Too much, and the pictures become harsh.",
        "<b>请看</b>第一行：强度为 0 时，是较差的网络独自在画。1 表示模型按学到的去画，"
        "再大一点就会避开较差网络的错误：轮廓和质地更干净。太大则画面变得生硬。",
    ),
    "compare_look_guided_by": (
        "<b>Look at</b> how hard each has to pull. At guidance 1 labels and classifier should both "
        "draw the class as it is, but a gradient is only as good as its classifier: we measured "
        "90% recognised with the labels and 63% with the classifier, which needs 16 for 95%. In "
        "return, it can guide a network that never learned a label. Its own worse self pushes away "
        "from bad pictures, not towards a class: at 1 it does nothing, at 2 it is strong.",
        "<b>请看</b>各自需要多大的强度。强度为 1 时，类别标签和分类器本该都画出该类别原有的样子，"
        "但梯度的好坏取决于分类器：我们测得，用类别标签时 90% 的图片能认出类别，"
        "用分类器时只有 63%，强度要到 16 才达到 95%。"
        "它的好处是：即使网络从未学过类别标签，也能由它引导。"
        "自身的较差版本不是拉向某个类别，而是推离画得差的图片：强度为 1 时不起作用，2 已经很强。",
    ),
    "compare_look_label": (
        "<b>Look at</b> what a column keeps: its brightness and pattern come from the noise, only "
        "what it is a picture of comes from the class.",
        "<b>请看</b>同一列中保留了什么：明暗和花纹来自噪声，画的是什么则由类别决定。",
    ),
    "compare_look_model": (
        "<b>Look at</b> what two networks make of the same noise: where both learned the same "
        "pictures, even what they draw is often alike.",
        "<b>请看</b>不同的网络从同一份噪声画出了什么：若学的是同样的图片，画出的内容也常常相像。",
    ),
    "compare_look_calls": (
        "<b>Look at</b> what a column keeps from one call to ten: often the same garment, because "
        "the student learned to jump to where its teacher’s steps end. DDPM adds fresh noise "
        "at each of its thousand calls, so it ends elsewhere. And look at the seconds.",
        "<b>请看</b>从 1 次调用到 10 次，同一列保留了什么：常常是同一件服装，因为学生网络学会了直接"
        "跳到教师网络一步步走到的终点。DDPM 的一千次调用每次都加入新的噪声，所以终点不同。"
        "也请看用时。",
    ),
    "compare_look_pair": (
        "<b>Look for</b> the number of steps from which each sampler’s pictures no longer change: "
        "DPM-Solver++ and DEIS reach it first, DDIM later, DDPM never, because its noise is new "
        "each time.",
        "<b>请看</b>每种采样器从多少步起不再变化：DPM-Solver++ 和 DEIS 最先，DDIM 较晚，"
        "DDPM 则永远不会，因为它每次都加入新的噪声。",
    ),
    "compare_look_two": (
        "<b>Follow</b> one picture along a row, then down a column: which of the two settings "
        "changes it more?",
        "<b>请盯住</b>同一张图片，先沿行看，再沿列看：两项设置中，哪一项对它的影响更大？",
    ),
}
