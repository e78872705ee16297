from lamina.fx import Proxy, Tracer

__all__ = ["Proxy", "Tracer"]
