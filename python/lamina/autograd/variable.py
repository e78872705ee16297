from lamina import Tensor as Variable

__all__ = ["Variable"]
