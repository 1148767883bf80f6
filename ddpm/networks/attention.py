"""The two attentions of the U-Net: softmax over all pixels, and one whose cost grows with n.

Shapes in comments: B images, h heads of d channels, n = H·W pixels.
"""

from einops import rearrange
from torch import Tensor, nn


class Attention(nn.Module):
    """Softmax attention between all pixels: cost n², for the lowest resolution."""

    def __init__(self, dim: int, heads: int = 4, dim_head: int = 32):
        super().__init__()
        self.heads = heads
        self.to_qkv = nn.Conv2d(dim, heads * dim_head * 3, 1, bias=False)
        self.to_out = nn.Conv2d(heads * dim_head, dim, 1)

    def forward(self, x: Tensor) -> Tensor:
        qkv = rearrange(self.to_qkv(x), "b (s h d) x y -> s b h (x y) d", s=3, h=self.heads)
        q, k, v = qkv  # each (B, h, n, d)
        # written out, since at n this small torch's fused kernel is much slower to train in bf16
        attn = (q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5).softmax(dim=-1)  # (B, h, n, n)
        out = attn @ v
        return self.to_out(rearrange(out, "b h (x y) d -> b (h d) x y", x=x.shape[2]))


class LinearAttention(nn.Module):
    """Attention at cost n: softmax over q's channels and k's pixels apart (Shen et al. 2018)."""

    def __init__(self, dim: int, heads: int = 4, dim_head: int = 32):
        super().__init__()
        self.heads = heads
        self.to_qkv = nn.Conv2d(dim, heads * dim_head * 3, 1, bias=False)
        self.to_out = nn.Sequential(nn.Conv2d(heads * dim_head, dim, 1), nn.GroupNorm(1, dim))

    def forward(self, x: Tensor) -> Tensor:
        # channels first: a softmax over what lies apart in memory takes three times as long
        qkv = self.to_qkv(x).contiguous()
        qkv = rearrange(qkv, "b (s h d) x y -> s b h d (x y)", s=3, h=self.heads)
        q, k, v = qkv  # each (B, h, d, n)
        q = q.softmax(dim=-2) * q.shape[-2] ** -0.5
        k = k.softmax(dim=-1)
        context = v @ k.transpose(-1, -2)  # (B, h, d, d)
        out = context @ q  # (B, h, d, n)
        return self.to_out(rearrange(out, "b h d (x y) -> b (h d) x y", x=x.shape[2]))
