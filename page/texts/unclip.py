"""Texts of the model that draws by words as DALL·E 2 does, in the Generate tab."""

TURNED = r"$z = \mathrm{slerp}(z_i, z_t' - z_t, a)$"
MIXED = r"$z = \mathrm{slerp}(z_i, z_i', p)$"

TEXTS: dict[str, tuple[str, str]] = {
    "generate_model_unclip": ("By words (DALL·E 2’s way)", "按文字生成（DALL·E 2 的方法）"),
    "generate_model_unclip_for": (
        "Draws what you write, and varies, mixes and changes pictures by words.",
        "按文字画图，还能生成变体、混合图片、用文字修改图片。",
    ),
    "generate_prior": ("The prior", "先验网络"),
    "generate_prior_info": (
        "A decoder draws the picture that an embedding describes. The prior guesses a picture’s "
        "embedding from the words. Without it, the decoder is given the embedding of the words, "
        "which is close, but no picture’s.",
        "解码器根据嵌入向量画出图片。先验网络由文字猜测图片的嵌入；若跳过它，"
        "解码器得到的是文字本身的嵌入：它与图片的嵌入相近，却不是任何图片的嵌入。",
    ),
    "generate_prior_used": ("Used", "使用"),
    "generate_prior_skipped": ("Left out", "跳过"),
    "generate_words_before": ("Words for the picture as it is", "描述现有图片的文字"),
    "generate_words_before_info": (
        "For “Change by words”: what it should become stands in the other field.",
        "用于“按文字改变”：希望它变成什么，写在“文字描述”中。",
    ),
    "generate_eta": ("Freedom", "自由度"),
    "generate_eta_info": (
        "How far variations may stray: 0 gives the picture back; at 1, only what its embedding "
        "holds remains, the kind of garment and its look.",
        "变体可以偏离原图多远：0 会还原原图；1 则只保留嵌入所记录的内容，即服装的种类和样子。",
    ),
    "generate_amount": ("Change by words", "按文字改变"),
    "generate_amount_info": (
        "Adds the difference between two texts: from “a light boot” to “a dark boot” darkens any "
        "picture. The original uses 0.25 to 0.5.",
        "加上两段文字之差：从“浅色短靴”到“深色短靴”，会让任何图片变深。原论文用 0.25 到 0.5。",
    ),
    "generate_place": ("Mixture", "混合"),
    "generate_place_info": (
        "With a picture drawn by the words: 0 is the first picture, 1 the other.",
        "与按文字生成的图片混合：0 是原来的图片，1 是另一张。",
    ),
    "generate_go_variations": ("Draw variations", "生成变体"),
    "generate_variations_info": (
        "Draw a garment in grey on black, upload one on a plain ground, which is removed, or take "
        "a real one. The model reads "
        "its embedding, and the noise from which its decoder draws it, and draws more like it.",
        "在黑底上用灰色画一件服装，或上传一张背景单一的照片（背景会被去掉），或取一张真实图片。"
        "模型读出它的嵌入，"
        "以及解码器画出它所需的噪声，再画出更多相似的图片。",
    ),
    # beside the film; proposal.js fills in what stands in braces
    "proposal_kept_prior": (
        "What the prior proposed: the nearest real garments, in the order of the pictures",
        "先验提出的嵌入：最接近的真实服装，与图片一一对应",
    ),
    "proposal_passed": ("Its other proposals, rejected", "它落选的另一次提议"),
    "proposal_kept_text": (
        "The real garment nearest to the words’ own embedding",
        "最接近文字嵌入的真实服装",
    ),
    "proposal_kept_picture": (
        "The real garments nearest to your picture, as the model sees it",
        "在模型看来，与你的图片最接近的真实服装",
    ),
    "proposal_kept_moved": (
        "The real garments nearest to what is drawn, in the order of the pictures",
        "与所画内容最接近的真实服装，与图片一一对应",
    ),
    "proposal_said_moved": (
        "Your picture became an embedding and noise, and the words moved them. These garments are "
        "nearest to where they are now.",
        "你的图片变成了嵌入和噪声，文字又移动了它们。这些服装最接近移动后的位置。",
    ),
    "proposal_said_prior": (
        "For each picture the prior guesses two embeddings, in {asked} calls of its own, and the "
        "one closer to the words is kept: its similarity to them is {kept_near} on average, the "
        "other’s {passed_near} (1 is the same). The decoder then draws a new garment with that "
        "embedding.",
        "先验另外调用 {asked} 次，为每张图片猜测两个嵌入，保留更接近文字的一个："
        "它与文字的相似度平均为 {kept_near}，另一个为 {passed_near}（1 表示相同）。"
        "解码器再画出具有这一嵌入的新服装。",
    ),
    "proposal_said_text": (
        "Without the prior, all pictures are drawn from one and the same embedding, that of the "
        "words. The decoder knows only embeddings of pictures: look at how whole the garments "
        "are.",
        "没有先验时，所有图片都由同一个嵌入画出，即文字的嵌入。解码器只认识图片的嵌入：请看服装是"
        "否完整。",
    ),
    "proposal_said_picture": (
        "Your picture became an embedding of 64 numbers and, in {asked} calls, noise. These "
        "garments have nearly the same embedding: what they share is what the variations keep.",
        "你的图片变成了一个 64 维的嵌入，又经 {asked} 次调用变成一份噪声。"
        "这些服装的嵌入与它几乎相同：它们的共同之处，就是各个变体所保留的。",
    ),
    "compare_prior_used": ("With the prior", "使用先验"),
    "compare_prior_skipped": ("Without the prior", "不用先验"),
    "compare_words_before": ("From “{value}”", "从“{value}”"),
    "compare_eta": ("Freedom {value}", "自由度 {value}"),
    "compare_amount": ("Amount {value}", "改变 {value}"),
    "compare_place": ("Mixed at {value}", "混合 {value}"),
    "compare_given": ("Your picture", "你的图片"),
    "compare_given_same": ("where they all start", "所有图片的起点"),
    "compare_unclip_axis": (
        "DALL·E 2’s way has no classes, no other schedules and no thresholding: compare its "
        "guidance, steps, sampler or prior, or a change by words.",
        "DALL·E 2 的方法不用类别，不能换噪声调度，也没有阈值处理：请对比引导强度、步数、采样器、"
        "先验，或按文字的改变。",
    ),
    "compare_only_unclip": (
        "Only DALL·E 2’s way can do this: choose that model, then compare again.",
        "只有 DALL·E 2 的方法能做到：请先选择该模型，再对比。",
    ),
    "compare_unclip_fixed": (
        "A picture that is changed or mixed is always drawn by DDIM in {steps} steps without "
        "guidance: compare something else.",
        "改变或混合图片时固定使用 DDIM、{steps} 步、不加引导：请对比其他设置。",
    ),
    "compare_needs_picture": (
        "Variations need a picture: choose “A sketch or a photo” under “Start from”, and draw or "
        "upload one.",
        "先要有一张原图，才能生成变体：请在“起点”中选择“草图或照片”，然后画一张或上传一张。",
    ),
    "compare_look_guidance_unclip": (
        "<b>Look at</b> what is lost. 0 ignores the words and the embedding; more guidance makes "
        "both clearer, then the pictures cruder. The prior’s proposals stay the same.",
        "<b>请看</b>付出了什么代价。0 表示忽略文字和嵌入；引导越强，二者体现得越鲜明，"
        "再强则图片变粗糙。先验提出的嵌入始终不变。",
    ),
    "compare_look_prior": (
        "<b>Look at</b> how whole the garments are. With the prior every picture has an embedding "
        "of its own; without, all share that of the words, and the decoder has never seen such "
        "embeddings.",
        "<b>请看</b>服装是否完整。使用先验时，每张图片都有自己的嵌入；不用时，所有图片共用文字的嵌入，"
        "而解码器从未见过这样的嵌入。",
    ),
    "compare_look_eta": (
        "<b>Look at</b> what goes first. The embedding stays, the picture’s own noise fades: first "
        "the pixels change, then the pattern, and the kind of garment last, if at all.",
        "<b>请看</b>先改变的是什么。嵌入不变，图片自己的噪声逐渐消失：先变的是像素，然后是花纹，"
        "最后才是服装种类，甚至始终不变。",
    ),
    "compare_look_amount": (
        "<b>Look down</b> a column: the noise stays, and the embedding turns towards the "
        "difference between the two texts. What the words don’t mention should stay as it is; "
        "turned too far, it doesn’t.",
        "<b>请沿列向下看</b>：噪声不变，嵌入朝两段文字之差的方向转动。文字没有提到的应保持不变；"
        "转得太多，就保不住了。",
    ),
    "compare_look_place": (
        "<b>Look down</b> a column: each row lies further on the way from the first picture to the "
        "second. The embedding turns, so between two alike garments lies another garment, not one "
        "laid over the other. Between trousers and a bag there is none.",
        "<b>请沿列向下看</b>：每一行都离第二张图片更近。转动的是嵌入，所以两件相似的服装之间是另一件"
        "服装，而不是二者的叠加；裤子和包之间则什么服装也不是。",
    ),
    "generate_equation_unclip": (
        "Two networks, two diffusions: the prior draws an embedding $z_i$ for the words’ $z_t$, "
        "the nearer of two draws; the decoder draws a picture for $z_i$. A picture is a pair "
        f"$(z_i, x_T)$. Changed by words: {TURNED}; mixed: {MIXED}, and $x_T$ likewise.",
        "两个网络，两次扩散：先验由文字的 $z_t$ 采样出嵌入 $z_i$（两次中取更近的一次），解码器再"
        f"由 $z_i$ 画出图片。一张图片就是一对 $(z_i, x_T)$。按文字改变：{TURNED}；混合：{MIXED}，"
        "$x_T$ 也是如此。",
    ),
    "pad_real": ("Take a real one", "取一张真实图片"),
}
