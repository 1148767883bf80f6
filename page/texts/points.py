"""Texts of the points in the plane, in Noise and in Generate."""

GUESS = (
    "$\\hat x_0 = \\sum_i w_i x^{(i)},\\; w = \\mathrm{softmax}_i\\big(-\\|x_t - "
    "\\sqrt{\\bar\\alpha_t}\\,x^{(i)}\\|^2 / 2(1-\\bar\\alpha_t)\\big)$"
)
EPS = "$\\epsilon = (x_t - \\sqrt{\\bar\\alpha_t}\\,\\hat x_0) / \\sqrt{1-\\bar\\alpha_t}$"

LINE, VELOCITY = r"$x_t = (1-t)\,x_0 + t\,\epsilon$", r"$v = (x_t - \hat x_0)/t$"
FLOW = (
    f"Rectified flow mixes along a line, {LINE} for t from 0 to 1, so 1-t and t stand in the place "
    f"of the two roots, and what is followed is the mean velocity {VELOCITY}.",
    f"整流流沿直线混合：{LINE}，t 从 0 到 1。两个根号分别换成 1-t 和 t，"
    f"点沿平均速度 {VELOCITY} 移动。",
)

TEXTS: dict[str, tuple[str, str]] = {
    "noise_points_title": (
        "The same in two dimensions: points dissolve",
        "二维版本：点云逐渐变成噪声",
    ),
    "noise_points_intro": (
        "A picture of two numbers is a point in the plane, and a data set is a cloud of them. The "
        "same schedules mix each point with noise, at the same *t*: at the end all clouds look "
        "alike. The dashed circle holds 95% of pure noise.",
        "只有两个数的图片就是平面上的一个点，数据集就是一片点云。相同的噪声调度在同一个 *t* "
        "把每个点与噪声混合：到最后，所有点云看起来都一样。纯噪声有 95% 落在虚线圆内。",
    ),
    "points_forward": ("A cloud of points dissolves", "点云逐渐变成噪声"),
    "points_loading": ("Loading …", "正在加载……"),
    "points_failed": (
        "What draws the points could not be loaded. Reload the page to try again.",
        "无法加载点云的绘制脚本。请重新加载页面重试。",
    ),
    "points_cloud": ("Cloud of points", "点云"),
    "points_cloud_moons": ("Two moons", "双月"),
    "points_cloud_spiral": ("Spiral", "螺旋"),
    "points_cloud_checkerboard": ("Checkerboard", "棋盘"),
    "points_cloud_gaussians": ("Eight Gaussians", "八个高斯"),
    "points_cloud_own": ("✎ Draw your own", "✎ 自己画一个"),
    "points_pad": (
        "Draw a cloud: arrow keys move, Enter adds points",
        "画一片点云：方向键移动，回车键加点",
    ),
    "points_pad_how": (
        "Draw with a finger or the mouse; or move with the arrow keys, and press Enter to add "
        "points.",
        "用手指或鼠标画；也可以用方向键移动，按回车键加点。",
    ),
    "points_pad_clear": ("Clear", "清空"),
    "points_places": ("Places drawn: {count}", "已画的位置：{count} 处"),
    "points_plane": ("The cloud at time t, {name} schedule", "时间步 t 的点云（{name}噪声调度）"),
    "points_left": ("{name} {percent}%", "{name} {percent}%"),
    "points_summary": (
        "{count} points at t = {t} of {last}. Signal that is left: {parts}.",
        "{count} 个点，t = {t} / {last}。剩下的信号：{parts}。",
    ),
    # the view in Generate
    "points_tab": ("Points", "点云"),
    "plane_intro": (
        "The same in two dimensions: a picture is a point. An exact denoiser knows the 400 grey "
        "ones; 2,000 points of noise, coloured by where they end, follow it back. Each arrow leads "
        "towards its guess x̂₀: where the points that are here came from, on average.",
        "二维版本：一个点就是一张图片。精确去噪器记得 400 个灰色的点，2000 个噪声点跟着它往回走，"
        "颜色表示终点属于哪个类别。每个箭头指向去噪器的猜测 x̂₀，即可能走到这里的那些点的平均。",
    ),
    "plane_equation": (
        "What the exact denoiser guesses is the mean of the cloud's points, each weighted by how "
        f"likely it has led to $x_t$: {GUESS}. It stands in the network's place: {EPS}. {FLOW[0]}",
        f"精确去噪器的猜测是点云各点的加权平均，权重是 $x_t$ 由该点而来的可能性：{GUESS}。"
        f"它代替了网络：{EPS}。{FLOW[1]}",
    ),
    "points_backward": ("Noise becomes a cloud of points", "噪声变回点云"),
    "points_backward_plane": (
        "Points on their way from noise to the cloud, and the arrows of the denoiser",
        "从噪声走向点云的点，以及去噪器的箭头",
    ),
    "points_slider": ("Calls so far", "已调用的次数"),
    "points_call": ("call {call} of {calls}", "第 {call} 次调用，共 {calls} 次"),
    "points_way": ("How to get from noise to the cloud", "怎样从噪声到点云"),
    "points_way_diffusion": ("Diffusion", "扩散"),
    "points_way_network": ("Small network", "小网络"),
    "points_way_flow": ("Rectified flow", "整流流"),
    "points_way_reflow": ("After reflow", "再整流之后"),
    "points_schedule": ("Noise schedule", "噪声调度"),
    "points_sampler": ("Sampler", "采样器"),
    "points_calls": ("Calls", "调用次数"),
    "points_guide": ("Guided by", "引导方式"),
    "points_guide_none": ("nothing", "无引导"),
    "points_guide_class": ("a class", "类别"),
    "points_guide_worse": ("a worse model: the cloud, blurred", "较差的模型：模糊的点云"),
    "points_label": ("Class", "类别"),
    "points_class": ("class {k}", "类别 {k}"),
    "points_scale": ("Guidance scale", "引导强度"),
    "points_arrows": ("Arrows", "箭头"),
    "points_paths": ("Paths", "路径"),
    "points_seed": ("Seed", "随机种子"),
    "points_fresh": ("New noise", "换一份噪声"),
    "points_why_ddpm": (
        "Fresh noise after every call: the paths jitter, and where one ends hardly depends on "
        "where it began.",
        "每次调用后都加入新的噪声：路径抖动，终点几乎与起点无关。",
    ),
    "points_why_ddim": (
        "No fresh noise: the same noise always ends at the same place. The paths are curved, so "
        "few calls cut the corners.",
        "不加新的噪声：同一份噪声总是到达同一处。路径是弯的，调用次数少就会抄近路而走偏。",
    ),
    "points_why_dpm_solver": (
        "Continues along the line through the last two guesses: on the two moons, 10 calls come "
        "as close to the exact paths as 20 of DDIM’s.",
        "沿最近两次猜测的连线外推：在双月上，10 次调用与精确路径的差距相当于 DDIM 的 20 次。",
    ),
    "points_why_deis": (
        "A curve through the last four predictions, in place of a straight step.",
        "用经过最近四次预测的曲线代替直线的一步。",
    ),
    "points_why_flow": (
        "Straight lines lead from noise to the cloud, but they cross, and where they cross the "
        "denoiser averages them: its paths bend.",
        "从噪声到点云是一条条直线，但它们会相交，而去噪器在相交处取平均，于是路径变弯。",
    ),
    "points_why_reflow": (
        "The lines between each noise and where it ended up hardly cross any more, so their "
        "average is almost straight. Try 1 call.",
        "每份噪声与它到达之处的连线几乎不再相交，所以它们的平均几乎是直的。试试只调用 1 次。",
    ),
    "points_euler": ("Euler's method", "欧拉法"),
    "points_found": (
        "{count} points, {how}, calls of the denoiser: {calls}. On average they end {distance} "
        "from the nearest point that it knows.",
        "{count} 个点，{how}，去噪器调用 {calls} 次。终点与它所知最近的点平均相距 {distance}。",
    ),
    "points_shares": ("{near} Shares of the classes: {parts}.", "{near}各类别的比例：{parts}。"),
    "points_share": ("class {k} {percent}%", "类别 {k} 占 {percent}%"),
    "points_no_program": (
        "This was drawn or learned in your browser alone, so no program has it. Choose a cloud "
        "with a name, and any way but the small network.",
        "这是你手绘的点云，或是在你的浏览器里训练的网络，程序无法重现。"
        "请选择有名称的点云，并且不用小网络。",
    ),
    "points_no_threads": (
        "This browser allows no background scripts (Web Workers), which follow the points here. "
        "Try a newer browser.",
        "这个浏览器不允许后台脚本（Web Worker），而点的路径要在其中计算。请换一个较新的浏览器。",
    ),
    "points_reflow_how": (
        "Reflow (Liu et al. 2022): pair each noise with the place where it ended up, and average "
        "again.",
        "再整流（Reflow，Liu 等，2022）：把每份噪声与它到达之处配成一对，再取一次平均。",
    ),
    "points_reflow_go": ("Reflow: straighten the paths", "再整流：把路径拉直"),
    "points_reflow_busy": ("Following 1,000 pairs …", "正在计算 1000 对……"),
    "points_reflow_first": ("Bend of the paths before", "之前路径的弯曲程度"),
    "points_reflow_second": ("after (0 is straight)", "之后（0 为直线）"),
    "points_reflow_why": (
        "Student networks that draw in one or two calls learn this too: from noise straight to "
        "where a teacher's long path ends.",
        "一两次调用就能画图的学生网络学的也是这个：从噪声直接到达教师网络长路径的终点。",
    ),
    "points_network_how": (
        "What does learning add? A network with three small hidden layers learns to denoise these "
        "400 points, in your browser, under this schedule.",
        "学习会带来什么？在你的浏览器中，让一个只有三个小隐藏层的网络，"
        "在这种噪声调度下学习给这 400 个点去噪。",
    ),
    "points_network_go": ("Train a small network", "训练一个小网络"),
    "points_network_busy": ("Training … {percent}%", "正在训练……{percent}%"),
    "points_network_first": ("Loss of the network", "网络的损失"),
    "points_network_second": (
        "of the exact denoiser, the lowest possible",
        "精确去噪器的损失（可能的最小值）",
    ),
    "points_network_why": (
        "The exact denoiser has the lowest loss, but it only ever returns the points that it "
        "knows. Its arrows turn too sharply for the network, which smooths them, and so fills the "
        "gaps between the points. That is all that makes new pictures new.",
        "精确去噪器的损失最小，但只会还原它记得的点。它的箭头变化太剧烈，网络拟合不了，只能学到较平"
        "滑的，也就填上了点与点之间的空隙。新图片之所以新，全靠这一点。",
    ),
}
