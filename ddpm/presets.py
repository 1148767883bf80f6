"""Settings that a run may start from, by what it trains."""

from dataclasses import replace

from ddpm.config import Config, DiffusionConfig, DistillConfig, TrainConfig, UnetConfig

# The network of most recipes: it sees 28 × 28 pixels as 14 × 14 places
SMALL = UnetConfig(dim=32, dim_mults=(1, 2), patch=2, norm_groups=1, attention="middle")
# By Muon, as the networks of systems are that draw pictures
MUON = TrainConfig(optimizer="muon", learning_rate=5e-3, cooldown=0.6, weight_decay=0.1)

# Where a run may start from. `notebook` is the recipe of The Annotated Diffusion Model with what
# was broken in it repaired (β range rescaled, every skip used, labels, averaged weights).
PRESETS: dict[str, Config] = {
    "minute": Config(
        SMALL,
        train=replace(
            MUON,
            steps=610,
            batch_size=48,
            learning_rate=8e-3,
            warmup=50,
            cooldown=0.7,
            ema_decay=0.99,
        ),
    ),
    "notebook": Config(
        UnetConfig(dim=28, dim_mults=(1, 2, 4), block="convnext"),
        DiffusionConfig(schedule="linear", T=200, objective="eps"),
        TrainConfig(
            steps=2345,  # 5 epochs of 60,000 images
            batch_size=128,
            learning_rate=1e-3,
            warmup=0,
            weight_decay=0.0,
            loss="huber",
            ema_decay=0.99,
        ),
    ),
    # the shipped model's: no pixel is worth a place of its own, see Unet
    "base": Config(UnetConfig(dim=48, dim_mults=(1, 2), patch=2), train=TrainConfig(steps=14_500)),
}

# How a student is trained; its network and its process are those of its teacher.
STUDENT = Config(
    train=TrainConfig(
        steps=5_000,
        batch_size=64,
        learning_rate=1e-3,
        cooldown=0.4,
        weight_decay=0.0,
        ema_decay=0.995,
    ),
    distill=DistillConfig(regression=0.68, judged=0.16),
)

# For pictures of 32 pixels in colour, such as emoji or CIFAR-10; of 64 with --patch 4.
COLOUR = Config(
    replace(SMALL, image_size=32, channels=3, dim=48, num_classes=9),
    train=replace(MUON, steps=2_400, batch_size=48, learning_rate=6e-3, cooldown=0.7),
    data="emoji",
)

# The classifier that guides: to recognise noisy pictures takes less than to draw some.
CLASSIFIER = Config(
    replace(SMALL, attention="lowest"),
    train=replace(MUON, steps=5_000, batch_size=128, learning_rate=4e-3, cooldown=0.7),
    network="classifier",
)

# The three networks of `UnClip`. label_dropout is the share of texts hidden: half of the decoder's,
# as in the paper.
UNCLIP = {
    "pair": Config(
        UnetConfig(dim=32, num_classes=None),
        train=TrainConfig(steps=3_000, batch_size=256, learning_rate=1e-3, label_dropout=0.0),
        network="contrastive_pair",
    ),
    "prior": Config(
        UnetConfig(dim=96, num_classes=None),
        DiffusionConfig(objective="x0"),
        TrainConfig(steps=6_000, batch_size=128, learning_rate=1e-3),
        network="prior",
    ),
    "decoder": Config(
        replace(SMALL, dim=48, num_classes=None),
        train=replace(MUON, steps=5_000, label_dropout=0.5),
        network="decoder",
    ),
}
