"""Settings of the three networks of `UnClip`."""

from __future__ import annotations

from ddpm.config import Config, DiffusionConfig, TrainConfig, UnetConfig

# label_dropout is the share of texts hidden: half of the decoder's, as in the paper
CONFIGS = {
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
        UnetConfig(
            dim=48, dim_mults=(1, 2), patch=2, norm_groups=1, attention="middle", num_classes=None
        ),
        train=TrainConfig(
            steps=5_000, optimizer="muon", learning_rate=5e-3, cooldown=0.6, weight_decay=0.1,
            label_dropout=0.5,
        ),
        network="decoder",
    ),
}  # fmt: skip
