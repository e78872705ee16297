"""Parameters as one vector, and back. Source: torch.nn.utils.convert_parameters."""

from lamina._C._utils import parameters_to_vector as parameters_to_vector
from lamina._C._utils import vector_to_parameters as vector_to_parameters

__all__ = ["parameters_to_vector", "vector_to_parameters"]
