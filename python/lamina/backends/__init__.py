"""What scripts ask of PyTorch's backends: none of them is there."""


class _Backend:
    """Answers that it is not there, and takes settings without effect."""

    enabled = False
    benchmark = False
    deterministic = True
    allow_tf32 = False

    @staticmethod
    def is_available():
        return False

    @staticmethod
    def is_built():
        return False


cuda = _Backend()
cudnn = _Backend()
mps = _Backend()
mkl = _Backend()
mkldnn = _Backend()
openmp = _Backend()
