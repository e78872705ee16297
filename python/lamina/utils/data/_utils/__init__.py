"""What DataLoader is made of; torch has it under the same name."""

from lamina.utils.data._utils import collate  # noqa: F401
