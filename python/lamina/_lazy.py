"""What `lamina` offers and imports only when it is first asked for, so that `import lamina` stays quick."""

SUBMODULES = {
    "_dynamo", "_subclasses", "_tensor", "_utils", "accelerator", "amp", "autograd", "backends", "compiler", "cpu", "cuda",
    "data", "distributed", "distributions", "func", "functional", "futures", "fx", "hub", "inspect", "io", "jit",
    "library", "linalg", "mps", "mtia", "multiprocessing", "nn", "optim", "overrides", "quasirandom", "random",
    "return_types", "serialization", "special", "storage", "testing", "torch_version", "training", "types", "utils",
    "version", "xpu",
}

_NAMES_OF = {
    "_determinism": (
        "are_deterministic_algorithms_enabled", "get_deterministic_debug_mode", "get_float32_matmul_precision",
        "is_deterministic_algorithms_warn_only_enabled", "is_warn_always_enabled", "set_deterministic_debug_mode",
        "set_float32_matmul_precision", "set_flush_denormal", "set_warn_always", "use_deterministic_algorithms",
    ),
    "_devices": (
        "get_default_device", "get_device_module", "is_vulkan_available", "set_default_device",
        "set_default_tensor_type",
    ),
    "_norms": ("_weight_norm", "norm_except_dim"),
    "_sampling": ("multinomial", "_sample_dirichlet", "_standard_gamma"),
    "_symbols": (
        "SymBool", "SymFloat", "SymInt", "sym_float", "sym_int", "sym_ite", "sym_max", "sym_min", "sym_not", "sym_sqrt",
        "sym_sum",
    ),
    "_names": ("_assert", "_assert_async", "_check", "compiled_with_cxx11_abi", "is_storage", "typename"),
    "amp.autocast_mode": (
        "autocast", "clear_autocast_cache", "get_autocast_cpu_dtype", "get_autocast_dtype", "get_autocast_gpu_dtype",
        "is_autocast_cache_enabled", "is_autocast_cpu_enabled", "is_autocast_enabled", "set_autocast_cache_enabled",
        "set_autocast_cpu_dtype", "set_autocast_cpu_enabled", "set_autocast_dtype", "set_autocast_enabled",
    ),
    "amp.grad_scaler": ("GradScaler",),
    "autograd.anomaly_mode": ("is_anomaly_check_nan_enabled", "is_anomaly_enabled", "set_anomaly_enabled"),
    "compiler": ("compile",),
    "fx": ("Graph",),
    "func": ("vmap",),
    "futures": ("Future",),
    "jit": ("ScriptFunction", "ScriptModule", "ScriptObject", "fork", "wait"),
    "storage": (
        "BFloat16Storage", "BoolStorage", "ByteStorage", "CharStorage", "DoubleStorage", "FloatStorage", "HalfStorage",
        "IntStorage", "LongStorage", "ShortStorage", "TypedStorage", "UntypedStorage",
    ),
    "_legacy": (
        "BFloat16Tensor", "BoolTensor", "ByteTensor", "CharTensor", "DoubleTensor", "FloatTensor", "HalfTensor",
        "IntTensor", "LongTensor", "ShortTensor",
    ),
    "cuda": ("Event", "OutOfMemoryError", "Stream"),
}
#: The module that has a name of the top level.
ELSEWHERE = {name: module for module, names in _NAMES_OF.items() for name in names}
