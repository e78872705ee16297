"""Mixed precision: accepted, and computed in the tensors' own type. Source: torch.amp.

On the CPU a model of float32 stays one of float32 under autocast; `model.to(torch.bfloat16)` is how to compute in
bfloat16. GradScaler scales for real on "cpu".
"""

from lamina.amp.autocast_mode import autocast, custom_bwd, custom_fwd, is_autocast_available
from lamina.amp.grad_scaler import GradScaler

__all__ = ["autocast", "custom_bwd", "custom_fwd", "is_autocast_available", "GradScaler"]
